import { randomBytes } from 'node:crypto';
import { type Issuance, INITIAL_MARKS } from '../../src/issuances/issuance.js';
import { HOUR } from './clock.js';

/** An issuance, by default of a PIN that has just been issued. */
export function issuanceOf(change: Partial<Issuance> = {}): Issuance {
  const createdAt = change.createdAt ?? Date.now();
  return {
    id: randomBytes(16).toString('base64url'),
    hint: 'enic',
    owner: 'mcurie',
    description: null,
    address: '127.0.0.1',
    createdAt,
    expiresAt: createdAt + 24 * HOUR,
    seenAt: createdAt,
    ...INITIAL_MARKS,
    checkAt: createdAt,
    ...change,
  };
}
