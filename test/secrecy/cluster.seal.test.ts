import { describe, expect, it } from '@jest/globals';
import { deriveSeal } from '../../src/clusters/cluster.seal.js';

describe('A cluster seal', () => {
  const SECRET = 'a secret of the server, long enough';
  const PIN = 'enico1qq0oey';
  const OTHER_PIN = 'enico1qq0oez';
  const seal = deriveSeal(PIN, SECRET);

  it('opens what it sealed', () => {
    expect(seal.open('master_ip', seal.seal('master_ip', '10.10.25.5'))).toBe('10.10.25.5');
  });

  it('seals the same value differently each time', () => {
    expect(seal.seal('a', 'x')).not.toBe(seal.seal('a', 'x'));
  });

  it('has the same id for the same PIN on every replica, and another for another PIN', () => {
    expect(deriveSeal(PIN, SECRET).id).toBe(seal.id);
    expect(deriveSeal(OTHER_PIN, SECRET).id).not.toBe(seal.id);
  });

  it.each([
    ['another key', () => seal.open('other', seal.seal('master_ip', 'x'))],
    ['another cluster', () => deriveSeal(OTHER_PIN, SECRET).open('a', seal.seal('a', 'x'))],
    ['another secret', () => deriveSeal(PIN, 'another secret').open('a', seal.seal('a', 'x'))],
    ['a changed value', () => seal.open('a', seal.seal('a', 'x').replace(/^./, '!'))],
  ])('does not open a value under %s', (_, open) => {
    expect(open).toThrow();
  });
});
