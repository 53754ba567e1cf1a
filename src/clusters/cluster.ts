/** The most keys of a cluster. */
export const MAX_KEYS = 64;
/** The most members of a cluster, and so the most workers that it can expect. */
export const MAX_MEMBERS = 5_000;

/** The keys that pairing needs. A cluster may have others. */
export const MASTER_IP = 'master_ip';
export const MASTER_READY = 'master_ready';
/** With this key a master says that it will not become ready. Its value is the reason. */
export const MASTER_FAILED = 'master_failed';

/** How far a living cluster has come. */
export const clusterStates = ['issued', 'master_registered', 'ready', 'failed'] as const;
export type ClusterState = (typeof clusterStates)[number];

/** What a member says of itself: it waits for its master, it works, or it never will. */
export const memberStates = ['waiting', 'ready', 'failed'] as const;
export type MemberState = (typeof memberStates)[number];

/** A live cluster. Times in milliseconds since the epoch. */
export interface Cluster {
  readonly createdAt: number;
  readonly expiresAt: number;
  /** In order of creation. */
  readonly keys: readonly KeyMark[];
  /** How often a second master was refused. */
  readonly secondMasters: number;
  /**
   * How often `master_ip` was changed, removed or added again, and how often `master_ready` was removed. Each
   * sends workers to another master or makes them wait again. A rename removes one key and adds another.
   */
  readonly masterChanges: number;
  /** How often the master's address was fetched, which every worker does once. */
  readonly fetches: number;
  readonly firstFetchedAt: number | undefined;
  /** When a worker first asked for a master that was not there. */
  readonly askedAt: number | undefined;
  readonly workers: Workers;
  /** When as many workers were ready as are expected, for the first time. */
  readonly completedAt: number | undefined;
}

/** The members of a cluster in numbers. All members are workers. */
export interface Workers {
  /** Undefined when the user did not say. */
  readonly expected: number | undefined;
  /** All members, in any state. */
  readonly joined: number;
  readonly ready: number;
  readonly failed: number;
}

/** The name of a key, and when it was added. */
export interface KeyMark {
  readonly name: string;
  readonly addedAt: number;
}

/** Whether workers wait for this key: it says who the master is, or that it is ready. */
export function isMasterKey(name: string): boolean {
  return name === MASTER_IP || name === MASTER_READY;
}

/** The state of a cluster. It follows from the keys, so it is not stored. */
export function stateOf(cluster: Pick<Cluster, 'keys'>): ClusterState {
  if (addedAt(cluster, MASTER_READY) !== undefined) return 'ready';
  if (addedAt(cluster, MASTER_FAILED) !== undefined) return 'failed';
  return addedAt(cluster, MASTER_IP) === undefined ? 'issued' : 'master_registered';
}

/** When the master failed. Undefined when it has not, or was ready all the same. */
export function failedAt(cluster: Pick<Cluster, 'keys'>): number | undefined {
  return stateOf(cluster) === 'failed' ? addedAt(cluster, MASTER_FAILED) : undefined;
}

/** When a key was added. Undefined when there is no such key. */
export function addedAt({ keys }: Pick<Cluster, 'keys'>, name: string): number | undefined {
  return keys.find((key) => key.name === name)?.addedAt;
}
