import { describe, expect, it } from '@jest/globals';
import { CHART, exampleValues, helm, HELMS, render } from '../support/chart.js';

describe.each(exampleValues())('With %s', (_name, values) => {
  it.each(HELMS)('Helm %s finds no fault in the chart', async (major) => {
    const { code, output } = await helm(['lint', '--strict', '--quiet', CHART, '--values=-'], {
      values,
      major,
    });
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  it('Helm 3 and 4 render the same', async () => {
    const [three, four] = await Promise.all(HELMS.map((major) => render(values, { major })));
    // What is made by chance differs, and must.
    const known = ({ kind }: { kind: string }) => kind !== 'Secret';
    expect(three!.all.filter(known)).toEqual(four!.all.filter(known));
    expect(four!.all.filter(known).length).toBeGreaterThan(4);
  });
});
