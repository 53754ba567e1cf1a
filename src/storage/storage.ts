import type { ClusterStore } from '../clusters/cluster.store.js';

/** What an adapter has opened, and how to close it again. */
export interface OpenStorage {
  readonly clusters: ClusterStore;
  readonly close: () => Promise<void>;
}
