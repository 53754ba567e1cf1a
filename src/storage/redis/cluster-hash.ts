import { type Cluster, MAX_KEYS, type MemberState, type Workers } from '../../clusters/cluster.js';
import type { MemberCounts, SealedKey, StoredMember } from '../../clusters/cluster.store.js';
import { untagged } from './hash-tag.js';

// A cluster is one hash:
//
//   created, expires    milliseconds since the epoch; PEXPIREAT tells Redis the same time
//   second_masters      how often a second master was refused
//   master_changes      how often the master was replaced or removed
//   first_master        the first master_ip, sealed, once that has happened; empty before
//   fetches, fetched    how often the master's address was fetched, and when first; 0: never
//   asked               when a worker first asked for a master that was not there; 0: never
//   expected            how many workers are expected; 0: unknown
//   joined, ready, failed  how many members there are, and how many are in these states
//   completed           when as many were ready as are expected, for the first time; 0: not yet
//   revision            how often a member was changed
//   next                the position of the key or member to be added next
//   key:<name>          <position>:<when it was added>:<sealed value>
//
// Its members are a second hash with the same time of expiry. On a Redis Cluster, `hash-tag.ts` keeps both on one server.
//
//   <handle>            <position>:<when it joined>:<when it was changed>:<state>:<sealed>

/** The fields of a hash as Redis gives them. */
export type Fields = Record<string, string>;
/** Some fields of a hash, if they exist. */
export type SomeFields = Record<string, string | undefined>;

/** The fields of a new cluster beside its lifetime. */
export const INITIAL_FIELDS = {
  second_masters: 0,
  master_changes: 0,
  first_master: '',
  fetches: 0,
  fetched: 0,
  asked: 0,
  joined: 0,
  ready: 0,
  failed: 0,
  completed: 0,
  revision: 0,
  next: 0,
};

/** The fields from which `countsIn` reads. */
export const COUNT_FIELDS = [
  'expires',
  'expected',
  'joined',
  'ready',
  'failed',
  'revision',
] as const;

/** How many fields a full cluster has. */
export const MAX_FIELDS =
  MAX_KEYS + ['created', 'expires', 'expected', ...Object.keys(INITIAL_FIELDS)].length;

const CLUSTER = 'cluster:';

/** The name of the hash of the cluster whose id is written like this (`Redis.nameOf`). */
export function hashOf(name: string): string {
  return CLUSTER + name;
}

/** The name of the hash of this cluster's members. */
export function membersOf(name: string): string {
  return `${CLUSTER}members:${name}`;
}

/** The cluster that has a hash of this name. */
export function idOf(hash: string): string {
  return untagged(hash.slice(CLUSTER.length));
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
    workers: workersIn(fields),
    completedAt: Number(fields['completed']) || undefined,
  };
}

/** The numbers of members that these fields describe. Clusters that an older version created lack some of them. */
export function countsIn(fields: SomeFields): MemberCounts {
  const { expires, revision } = fields;
  return {
    workers: workersIn(fields),
    revision: Number(revision ?? 0),
    expiresAt: Number(expires),
  };
}

function workersIn({ expected, joined, ready, failed }: SomeFields): Workers {
  return {
    expected: Number(expected) || undefined,
    joined: Number(joined ?? 0),
    ready: Number(ready ?? 0),
    failed: Number(failed ?? 0),
  };
}

/** The members in order of joining. */
export function membersIn(fields: Fields): StoredMember[] {
  return Object.entries(fields)
    .map(([handle, value]) => ({ handle, value, position: Number.parseInt(value) }))
    .toSorted((one, other) => one.position - other.position)
    .map(({ handle, value }) => memberIn(handle, value));
}

/** A member, from the value of its field. */
export function memberIn(handle: string, value: string): StoredMember {
  const [, joined, updated, state, sealed] = value.split(':', 5) as [
    string,
    string,
    string,
    MemberState,
    string,
  ];
  return { handle, state, sealed, joinedAt: Number(joined), updatedAt: Number(updated) };
}

/** The names and values of the keys, in order of creation. */
function keyFields(fields: Fields): [string, string][] {
  return Object.entries(fields)
    .filter(([field]) => field.startsWith(KEY))
    .toSorted(([, one], [, other]) => Number.parseInt(one) - Number.parseInt(other))
    .map(([field, value]) => [field.slice(KEY.length), value]);
}
