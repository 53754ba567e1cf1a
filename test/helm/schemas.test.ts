import { describe, expect, it } from '@jest/globals';
import { exampleValues, type Manifest, render } from '../support/chart.js';
import { problemsOf } from '../support/kubernetes-schemas.js';

/** OpenShift publishes no schema that could be had here; `routes.test.ts` says all that it must be. */
const hasSchema = ({ kind }: Manifest) => kind !== 'Route';

describe('Every object is one by the schemas of Kubernetes', () => {
  it.each(exampleValues())('with %s', async (_name, values) => {
    const { all } = await render(values);
    expect(await problemsOf(all.filter(hasSchema))).toEqual([]);
  });

  it('which would find a wrong value, a missing field and an unknown one', async () => {
    const { all } = await render();
    const service = all.find(({ kind }) => kind === 'Service')!;
    const spec = service.spec as object;
    const wrong = (change: object) => problemsOf([{ ...service, spec: { ...spec, ...change } }]);
    expect(await wrong({ ports: [{ port: 'many' }] })).toHaveLength(2);
    expect(await wrong({ ports: [{ name: 'no-number' }] })).toHaveLength(2);
    expect(await wrong({ ports: [{ port: 80, misspelt: 1 }] })).toEqual([
      expect.stringMatching(/misspelt.*does not exist/),
    ]);
  });
});
