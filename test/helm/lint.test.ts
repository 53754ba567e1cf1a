import { describe, expect, it } from '@jest/globals';
import { CHART, exampleValues, helm, HELMS, type Manifests, render } from '../support/chart.js';

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
    // Generated secrets must differ, and with them their checksums.
    const known = ({ all }: Manifests) =>
      all
        .filter(({ kind }) => kind !== 'Secret')
        .map((each) => JSON.stringify(each).replaceAll(/"checksum\/secrets":"\w+"/g, ''))
        .map((each) => JSON.parse(each) as object);
    expect(known(three!)).toEqual(known(four!));
    expect(known(four!).length).toBeGreaterThan(4);
  });
});
