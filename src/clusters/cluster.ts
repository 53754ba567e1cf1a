/** The most keys of a cluster. */
export const MAX_KEYS = 64;

/** The keys that pairing needs. A cluster may have others. */
export const MASTER_IP = 'master_ip';
export const MASTER_READY = 'master_ready';

/** How far a living cluster has come. */
export const clusterStates = ['issued', 'master_registered', 'ready'] as const;
export type ClusterState = (typeof clusterStates)[number];

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
}

/** The name of a key, and when it was added. */
export interface KeyMark {
  readonly name: string;
  readonly addedAt: number;
}

/** Whether this key says who the master is, or that it is ready. */
export function isMasterKey(name: string): boolean {
  return name === MASTER_IP || name === MASTER_READY;
}

/** The state of a cluster. It follows from the keys, so it is not stored. */
export function stateOf(cluster: Pick<Cluster, 'keys'>): ClusterState {
  if (addedAt(cluster, MASTER_READY) !== undefined) return 'ready';
  return addedAt(cluster, MASTER_IP) === undefined ? 'issued' : 'master_registered';
}

/** When a key was added. Undefined when there is no such key. */
export function addedAt({ keys }: Pick<Cluster, 'keys'>, name: string): number | undefined {
  return keys.find((key) => key.name === name)?.addedAt;
}
