import { describe, expect, it } from '@jest/globals';
import { deriveCipher } from '../../src/clusters/cluster.cipher.js';

describe('A cluster seal', () => {
  const SECRET = 'a secret of the server, long enough';
  const PIN = 'enico1qq0oey';
  const OTHER_PIN = 'enico1qq0oez';
  const cipher = deriveCipher(PIN, SECRET);

  it('opens what it sealed', () => {
    expect(cipher.open('master_ip', cipher.seal('master_ip', '10.10.25.5'))).toBe('10.10.25.5');
  });

  it('seals the same value differently each time', () => {
    expect(cipher.seal('a', 'x')).not.toBe(cipher.seal('a', 'x'));
  });

  it('never uses a nonce twice', () => {
    const count = 2_000; // more than are made at once
    const nonces = Array.from({ length: count }, () => cipher.seal('a', 'x').slice(0, 16));
    expect(new Set(nonces).size).toBe(count);
  });

  it('has the same id for the same PIN on every replica, and another for another PIN', () => {
    expect(deriveCipher(PIN, SECRET).id).toBe(cipher.id);
    expect(deriveCipher(OTHER_PIN, SECRET).id).not.toBe(cipher.id);
  });

  it('has the same handle for the same name on every replica, and another for another name or PIN', () => {
    const handleOf = (pin: string, name: string) => deriveCipher(pin, SECRET).handleOf(name);
    const handle = cipher.handleOf('worker-1');
    expect(handle).toMatch(/^[\w-]{22}$/);
    expect(handleOf(PIN, 'worker-1')).toBe(handle);
    expect(handleOf(PIN, 'worker-2')).not.toBe(handle);
    expect(handleOf(OTHER_PIN, 'worker-1')).not.toBe(handle);
  });

  it.each([
    ['another key', () => cipher.open('other', cipher.seal('master_ip', 'x'))],
    ['another cluster', () => deriveCipher(OTHER_PIN, SECRET).open('a', cipher.seal('a', 'x'))],
    ['another secret', () => deriveCipher(PIN, 'another secret').open('a', cipher.seal('a', 'x'))],
    ['a changed value', () => cipher.open('a', cipher.seal('a', 'x').replace(/^./, '!'))],
  ])('does not open a value under %s', (_, open) => {
    expect(open).toThrow();
  });
});
