import { MAX_KEYS } from '../../clusters/cluster.js';
import type { SealedKey } from '../../clusters/cluster.store.js';

// A cluster is one hash:
//
//   created, expires    milliseconds since the epoch; PEXPIREAT says the same to Redis
//   second_masters      how often a second master was refused
//   next                the position of the key to be added next
//   key:<name>          <position>:<sealed value>

/** The fields of a hash as Redis gives them. */
export type Fields = Record<string, string>;

/** How many fields a full cluster has. */
export const MAX_FIELDS = MAX_KEYS + ['created', 'expires', 'second_masters', 'next'].length;

/** The name of a cluster's hash. */
export function hashOf(id: string): string {
  return `cluster:${id}`;
}

const KEY = 'key:';

/** The field of a key. */
export function fieldOf(name: string): string {
  return KEY + name;
}

/** The sealed value in the field of a key. */
export function sealedIn(value: string): string {
  return value.slice(value.indexOf(':') + 1);
}

/** The keys of a cluster in order of creation. */
export function keysIn(fields: Fields): SealedKey[] {
  return Object.entries(fields)
    .filter(([field]) => field.startsWith(KEY))
    .toSorted(([, one], [, other]) => Number.parseInt(one) - Number.parseInt(other))
    .map(([field, value]) => ({ name: field.slice(KEY.length), sealed: sealedIn(value) }));
}
