import type { Cluster } from './cluster.js';

/** A key as it is stored: the name in clear, the value sealed. */
export interface SealedKey {
  readonly name: string;
  readonly sealed: string;
}

/** What is stored under a name in a living cluster. */
export interface StoredKey {
  /** When the cluster ends; milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Undefined: there is no such key. */
  readonly sealed: string | undefined;
  /** When `master_ip` was added; undefined while it is not there. Milliseconds since the epoch. */
  readonly masterAddedAt: number | undefined;
}

/** The first `master_ip` of a cluster, sealed, where the key in question is one that came after it. */
interface AfterFirstMaster {
  readonly firstMaster?: string | undefined;
}

export type AddOutcome =
  | { readonly outcome: 'no-cluster' | 'full' }
  | ({ readonly outcome: 'added' } & AfterFirstMaster)
  /** The key was there before, with this value; nothing was changed. */
  | ({ readonly outcome: 'exists'; readonly sealed: string } & AfterFirstMaster);

/**
 * - `changed`: the value is no longer the expected one;
 * - `taken`: another key has the new name already.
 */
export type ReplaceOutcome =
  | { readonly outcome: 'missing' | 'changed' | 'taken' }
  | ({ readonly outcome: 'replaced' } & AfterFirstMaster);

/** `changed`: the value is no longer the expected one. */
export type RemoveOutcome = 'removed' | 'missing' | 'changed' | 'no-cluster';

/**
 * Where clusters live until they expire: the port that every storage adapter implements and whose
 * promises `test/contract` holds it to.
 *
 * It is given cluster ids and sealed values, never a PIN or a value. An expired cluster is absent, to
 * the millisecond of the service's clock, whether or not it has been removed yet. Every method is
 * atomic, and what it acknowledges survives a crash. All fail with `storage-unavailable`
 * when the storage does not answer.
 *
 * `add`, `replace` and `remove` count changes of the master (`Cluster.masterChanges`) in the same step, and keep the
 * first `master_ip` of a cluster once it is replaced or removed.
 */
export abstract class ClusterStore {
  /** Begins a cluster. False when the id is in use; nothing is changed then. */
  abstract create(id: string, lifetime: Pick<Cluster, 'createdAt' | 'expiresAt'>): Promise<boolean>;

  abstract find(id: string): Promise<Cluster | undefined>;

  /** The ids of all clusters that live: not for the way of a request. */
  abstract liveIds(): Promise<string[]>;

  /** Ends a cluster with all its keys, and gives what it was; undefined when there is none. */
  abstract end(id: string): Promise<Cluster | undefined>;

  /** The keys in order of creation; undefined when there is no such cluster. */
  abstract keys(id: string): Promise<SealedKey[] | undefined>;

  /** Reads a key; undefined when there is no such cluster. */
  abstract key(id: string, name: string): Promise<StoredKey | undefined>;

  /** Adds a key unless it exists or the cluster has `MAX_KEYS`: of two racing writers one adds. */
  abstract add(id: string, key: SealedKey): Promise<AddOutcome>;

  /** Puts `next` in the place of a key, which may rename it, if its value is still `expected`. */
  abstract replace(
    id: string,
    name: string,
    expected: string,
    next: SealedKey,
  ): Promise<ReplaceOutcome>;

  /** Removes a key if its value is still `expected`. */
  abstract remove(id: string, name: string, expected: string): Promise<RemoveOutcome>;

  /** Counts that a second master was refused. */
  abstract countSecondMaster(id: string): Promise<void>;

  /** Counts that the addresses of these clusters' masters were fetched so many times more: all, or none. */
  abstract countFetches(counts: ReadonlyMap<string, number>): Promise<void>;

  /** Marks clusters whose workers have asked for a master in vain; of each the first time counts. */
  abstract markAsked(ids: readonly string[]): Promise<void>;

  /**
   * Removes clusters that have expired, `limit` at most, where the storage does not do so by itself. Gives
   * how many.
   */
  abstract removeExpired(limit: number): Promise<number>;

  /** Fails when the storage cannot serve. Gives what the operator should mend, a sentence each. */
  abstract check(): Promise<string[]>;
}
