import { type Cluster, MAX_KEYS } from '../../clusters/cluster.js';
import type { SealedKey } from '../../clusters/cluster.store.js';

// A cluster is one hash:
//
//   created, expires    milliseconds since the epoch; PEXPIREAT tells Redis the same time
//   second_masters      how often a second master was refused
//   master_changes      how often the master was replaced or removed
//   first_master        the first master_ip, sealed, once that has happened; empty before
//   fetches, fetched    how often the master's address was fetched, and when first; 0: never
//   asked               when a worker first asked for a master that was not there; 0: never
//   next                the position of the key to be added next
//   key:<name>          <position>:<when it was added>:<sealed value>

/** The fields of a hash as Redis gives them. */
export type Fields = Record<string, string>;

/** The fields of a new cluster beside its lifetime. */
export const INITIAL_FIELDS = {
  second_masters: 0,
  master_changes: 0,
  first_master: '',
  fetches: 0,
  fetched: 0,
  asked: 0,
  next: 0,
};

/** How many fields a full cluster has. */
export const MAX_FIELDS = MAX_KEYS + ['created', 'expires', ...Object.keys(INITIAL_FIELDS)].length;

const CLUSTER = 'cluster:';
/** The pattern of all hashes. */
export const HASHES = `${CLUSTER}*`;

/** The name of a cluster's hash. */
export function hashOf(id: string): string {
  return CLUSTER + id;
}

/** The cluster that has a hash of this name. */
export function idOf(hash: string): string {
  return hash.slice(CLUSTER.length);
}

const KEY = 'key:';

/** The field of a key. */
export function fieldOf(name: string): string {
  return KEY + name;
}

/** The sealed value of a key, from the value of its field. */
export function sealedIn(value: string): string {
  return value.slice(value.indexOf(':', value.indexOf(':') + 1) + 1);
}

/** When a key was added, from the value of its field. */
export function addedAtIn(value: string): number {
  return Number(value.split(':', 2)[1]);
}

/** The keys of a cluster in order of creation. */
export function keysIn(fields: Fields): SealedKey[] {
  return keyFields(fields).map(([name, value]) => ({ name, sealed: sealedIn(value) }));
}

/** The cluster that the fields of a hash describe. */
export function clusterIn(fields: Fields): Cluster {
  return {
    createdAt: Number(fields['created']),
    expiresAt: Number(fields['expires']),
    keys: keyFields(fields).map(([name, value]) => ({
      name,
      addedAt: addedAtIn(value),
    })),
    secondMasters: Number(fields['second_masters']),
    masterChanges: Number(fields['master_changes'] ?? 0), // clusters that an older version created have no such field
    fetches: Number(fields['fetches']),
    firstFetchedAt: Number(fields['fetched']) || undefined,
    askedAt: Number(fields['asked']) || undefined,
  };
}

/** The names and values of the keys, in order of creation. */
function keyFields(fields: Fields): [string, string][] {
  return Object.entries(fields)
    .filter(([field]) => field.startsWith(KEY))
    .toSorted(([, one], [, other]) => Number.parseInt(one) - Number.parseInt(other))
    .map(([field, value]) => [field.slice(KEY.length), value]);
}
