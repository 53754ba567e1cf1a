/** Product limits of a cluster. */
export const MAX_KEYS = 64;

/** The keys that pairing is about; a cluster may hold others. */
export const MASTER_IP = 'master_ip';
export const MASTER_READY = 'master_ready';

/** How far a living cluster has come. */
export const clusterStates = ['issued', 'master_registered', 'ready'] as const;
export type ClusterState = (typeof clusterStates)[number];

/** A cluster while it lives; times in milliseconds since the epoch. */
export interface Cluster {
  readonly createdAt: number;
  readonly expiresAt: number;
  /** In order of creation. */
  readonly keys: readonly KeyMark[];
  /** How often a second master was refused. */
  readonly secondMasters: number;
  /**
   * How often `master_ip` was changed, removed or, after that, added again, and how often `master_ready` was
   * removed: each leads workers elsewhere, or lets them wait again. A rename removes one key and adds another.
   */
  readonly masterChanges: number;
  /** How often the master's address was fetched, which every worker does once. */
  readonly fetches: number;
  readonly firstFetchedAt: number | undefined;
  /** When a worker first asked for a master that was not there. */
  readonly askedAt: number | undefined;
}

/** That a key is there, and since when. */
export interface KeyMark {
  readonly name: string;
  readonly addedAt: number;
}

/** Whether this key says who the master is, or that it is ready. */
export function isMasterKey(name: string): boolean {
  return name === MASTER_IP || name === MASTER_READY;
}

/** The state follows from the keys, so it is stored nowhere. */
export function stateOf(cluster: Pick<Cluster, 'keys'>): ClusterState {
  if (addedAt(cluster, MASTER_READY) !== undefined) return 'ready';
  return addedAt(cluster, MASTER_IP) === undefined ? 'issued' : 'master_registered';
}

/** When a key was added; undefined when it is not there. */
export function addedAt({ keys }: Pick<Cluster, 'keys'>, name: string): number | undefined {
  return keys.find((key) => key.name === name)?.addedAt;
}
