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
  readonly keyNames: readonly string[];
  /** How often a second master was refused. */
  readonly secondMasters: number;
}

/** The state follows from the keys, so it is stored nowhere. */
export function stateOf({ keyNames }: Pick<Cluster, 'keyNames'>): ClusterState {
  if (keyNames.includes(MASTER_READY)) return 'ready';
  return keyNames.includes(MASTER_IP) ? 'master_registered' : 'issued';
}
