import { describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';

describe('A PIN', () => {
  it('uses its 36 characters evenly', () => {
    const pins = 30_000;
    const counts = new Map<string, number>();
    for (let n = 0; n < pins; n++) {
      for (const character of generatePin()) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    expect([...counts.keys()].toSorted().join('')).toBe('0123456789abcdefghijklmnopqrstuvwxyz');
    // Chi-squared over 35 degrees of freedom: above 90 once in a million fair runs. Taking a byte
    // modulo 36, the usual mistake, gives thousands here.
    const expected = (pins * 12) / 36;
    const deviations = [...counts.values()].map((count) => (count - expected) ** 2 / expected);
    expect(deviations.reduce((sum, each) => sum + each)).toBeLessThan(90);
  });
});
