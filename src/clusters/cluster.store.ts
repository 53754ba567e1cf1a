import type { Cluster, MemberState, Workers } from './cluster.js';

/** A key as it is stored: the name in clear, the value sealed. */
export interface SealedKey {
  readonly name: string;
  readonly sealed: string;
}

/** What is stored under a name in a living cluster. */
export interface StoredKey {
  /** When the cluster expires; milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Undefined: there is no such key. */
  readonly sealed: string | undefined;
  /** When `master_ip` was added; undefined while it is not there. Milliseconds since the epoch. */
  readonly masterAddedAt: number | undefined;
  /** Whether the state of the cluster is `failed`. */
  readonly hasFailed: boolean;
}

/** The first `master_ip` of a cluster, sealed, if the key in question is a later `master_ip`. */
interface AfterFirstMaster {
  readonly firstMaster?: string | undefined;
}

/** What is stored for a cluster that is being issued. Times in milliseconds since the epoch. */
export interface NewCluster extends Pick<Cluster, 'createdAt' | 'expiresAt'> {
  readonly expectedWorkers?: number | undefined;
}

/** A member as it is written: its state in clear, so that the store can count; all else is sealed. */
export interface SealedMember {
  /** Stands for the name of the member, and does not reveal it. */
  readonly handle: string;
  readonly state: MemberState;
  readonly sealed: string;
}

/** A member as it is stored. Times in milliseconds since the epoch. */
export interface StoredMember extends SealedMember {
  readonly joinedAt: number;
  readonly updatedAt: number;
}

/** The members of a living cluster in numbers. */
export interface MemberCounts {
  readonly workers: Workers;
  /** Increases with each change of a member. */
  readonly revision: number;
  /** When the cluster expires; milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The members, read together with their numbers. */
export interface MemberReading extends MemberCounts {
  /** In order of joining. */
  readonly members: readonly StoredMember[];
}

export type AddMemberOutcome =
  | { readonly outcome: 'no-cluster' | 'full' }
  | { readonly outcome: 'added'; readonly member: StoredMember }
  /** A member with this handle existed before. Nothing was changed. */
  | { readonly outcome: 'exists'; readonly member: StoredMember };

/** `changed`: the member is no longer the expected one. */
export type ReplaceMemberOutcome =
  | { readonly outcome: 'missing' | 'changed' }
  | { readonly outcome: 'replaced'; readonly member: StoredMember };

export type RemoveMemberOutcome = 'removed' | 'missing' | 'no-cluster';

export type AddOutcome =
  | { readonly outcome: 'no-cluster' | 'full' }
  | ({ readonly outcome: 'added' } & AfterFirstMaster)
  /** The key existed before, with this value. Nothing was changed. */
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
 * Stores clusters until they expire: the port that each storage adapter implements. `test/contract` tests its
 * promises against all adapters.
 *
 * It is given cluster ids and sealed values, never a PIN or a value. An expired cluster counts as absent, to
 * the millisecond of the service's clock, even if it has not been removed yet. Every method is atomic, and a
 * change that it acknowledges survives a crash. All fail with `storage-unavailable` when the storage does not
 * answer.
 *
 * `add`, `replace` and `remove` count changes of the master (`Cluster.masterChanges`) in the same step, and keep the
 * first `master_ip` of a cluster once it is replaced or removed. `addMember`, `replaceMember` and `removeMember` count
 * the workers (`Cluster.workers`) in the same step, and keep the time at which the cluster was complete.
 */
export abstract class ClusterStore {
  /** Begins a cluster. False when the id is in use; nothing is changed then. */
  abstract create(id: string, cluster: NewCluster): Promise<boolean>;

  abstract find(id: string): Promise<Cluster | undefined>;

  /** The ids of all live clusters. Too slow to be called for each request. */
  abstract liveIds(): Promise<string[]>;

  /** Ends a cluster with all its keys and members, and returns its last state. Undefined when there is none. */
  abstract end(id: string): Promise<Cluster | undefined>;

  /** The keys in order of creation; undefined when there is no such cluster. */
  abstract keys(id: string): Promise<SealedKey[] | undefined>;

  /** Reads a key; undefined when there is no such cluster. */
  abstract key(id: string, name: string): Promise<StoredKey | undefined>;

  /** Adds a key unless it exists or the cluster has `MAX_KEYS`. Of two concurrent writers one succeeds. */
  abstract add(id: string, key: SealedKey): Promise<AddOutcome>;

  /** Replaces a key by `next`, which may have another name, if its value is still `expected`. */
  abstract replace(
    id: string,
    name: string,
    expected: string,
    next: SealedKey,
  ): Promise<ReplaceOutcome>;

  /** Removes a key if its value is still `expected`. */
  abstract remove(id: string, name: string, expected: string): Promise<RemoveOutcome>;

  /** The members in numbers; undefined when there is no such cluster. Costs the same whatever their number. */
  abstract memberCounts(id: string): Promise<MemberCounts | undefined>;

  /** All members; undefined when there is no such cluster. */
  abstract members(id: string): Promise<MemberReading | undefined>;

  /** Reads a member. `missing`: there is no such member. */
  abstract member(id: string, handle: string): Promise<StoredMember | 'missing' | 'no-cluster'>;

  /** Adds a member unless it exists or the cluster has `MAX_MEMBERS`. */
  abstract addMember(id: string, member: SealedMember): Promise<AddMemberOutcome>;

  /** Replaces a member by `next`, which has the same handle, if what is sealed in it is still `expected`. It keeps its place. */
  abstract replaceMember(
    id: string,
    expected: string,
    next: SealedMember,
  ): Promise<ReplaceMemberOutcome>;

  abstract removeMember(id: string, handle: string): Promise<RemoveMemberOutcome>;

  /** Counts that a second master was refused. */
  abstract countSecondMaster(id: string): Promise<void>;

  /**
   * Adds to the counts of how often the masters' addresses were fetched, by cluster id. Returns the counts that were not
   * added, because a part of the storage does not answer; fails when none was added.
   */
  abstract countFetches(counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>;

  /** Marks clusters whose workers have asked for a master that was not there. Only the first time is kept. */
  abstract markAsked(ids: readonly string[]): Promise<void>;

  /**
   * Removes at most `limit` expired clusters, if the storage does not do so by itself. Returns how many were
   * removed.
   */
  abstract removeExpired(limit: number): Promise<number>;

  /** Fails when the storage cannot serve. Returns sentences that say what the operator should repair. */
  abstract check(): Promise<string[]>;
}
