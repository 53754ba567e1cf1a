import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Hkdf, hmac } from '../../src/clusters/hkdf.js';

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: 'max' }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', maxLength: 100, size: 'max' });

describe('Derived keys', () => {
  it('are those of RFC 5869, test case 3', () => {
    const key = new Hkdf(Buffer.alloc(22, 0x0b), '').derive('', 32);
    expect(key.toString('hex')).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
    );
  });

  it('are those of Node, for secrets, salts and labels of any length', () => {
    fc.assert(
      fc.property(bytes(200), text, text, fc.integer({ min: 1, max: 32 }), (...given) => {
        const [secret, salt, label, length] = given;
        const expected = Buffer.from(hkdfSync('sha256', secret, salt, label, length));
        expect(new Hkdf(secret, salt).derive(label, length)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('and so are message authentication codes', () => {
    fc.assert(
      fc.property(bytes(200), text, (key, message) => {
        const expected = createHmac('sha256', key).update(message).digest();
        expect(hmac(key, message)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
