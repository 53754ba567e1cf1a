import { describe, expect, it } from '@jest/globals';
import { ClusterSeals } from '../../src/clusters/cluster.seal.js';

describe('A cluster seal', () => {
  const seals = new ClusterSeals('a secret of the server, long enough');
  const seal = seals.of('enico1qq0oey');

  it('opens what it sealed', () => {
    expect(seal.open('master_ip', seal.seal('master_ip', '10.10.25.5'))).toBe('10.10.25.5');
  });

  it('seals the same value differently each time', () => {
    expect(seal.seal('a', 'x')).not.toBe(seal.seal('a', 'x'));
  });

  it('has the same id for the same PIN on every replica, and another for another PIN', () => {
    expect(new ClusterSeals('a secret of the server, long enough').of('enico1qq0oey').id).toBe(
      seal.id,
    );
    expect(seals.of('enico1qq0oez').id).not.toBe(seal.id);
  });

  it.each([
    ['another key', () => seal.open('other', seal.seal('master_ip', 'x'))],
    ['another cluster', () => seals.of('enico1qq0oez').open('a', seal.seal('a', 'x'))],
    [
      'another server secret',
      () => new ClusterSeals('another secret').of('enico1qq0oey').open('a', seal.seal('a', 'x')),
    ],
    ['a changed value', () => seal.open('a', seal.seal('a', 'x').replace(/^./, '!'))],
  ])('does not open a value under %s', (_, open) => {
    expect(open).toThrow();
  });
});
