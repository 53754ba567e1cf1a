import { beforeAll, describe, expect, it } from '@jest/globals';
import { exampleValues, type Manifest, render } from '../support/chart.js';
import { problemsOf } from '../support/kubernetes-schemas.js';

/** OpenShift publishes no schema that could be had here; `routes.test.ts` says all that it must be. */
const hasSchema = ({ kind }: Manifest) => kind !== 'Route';

/** The Service with other ports, which are wrong. */
const WRONG_PORTS = {
  'a wrong value': { port: 'many' },
  'a missing field': { name: 'no-number' },
  'an unknown field': { port: 80, misspelt: 1 },
};

describe('Every object is one by the schemas of Kubernetes', () => {
  let problems: Map<string, string[]>;

  beforeAll(async () => {
    const sets: Record<string, Manifest[]> = {};
    for (const [name, values] of exampleValues()) {
      sets[name] = (await render(values)).all.filter(hasSchema);
    }
    const service = (await render()).one('Service', 'demo-cluster-pairing');
    for (const [name, port] of Object.entries(WRONG_PORTS)) {
      sets[name] = [{ ...service, spec: { ...(service.spec as object), ports: [port] } }];
    }
    problems = await problemsOf(sets);
  });

  it.each(exampleValues())('with %s', (name) => {
    expect(problems.get(name)).toEqual([]);
  });

  it('which would find a wrong value, a missing field and an unknown one', () => {
    expect(problems.get('a wrong value')).toHaveLength(2);
    expect(problems.get('a missing field')).toHaveLength(2);
    expect(problems.get('an unknown field')).toEqual([
      expect.stringMatching(/misspelt.*does not exist/),
    ]);
  });
});
