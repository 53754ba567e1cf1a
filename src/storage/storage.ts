import type { ClusterStore } from '../clusters/cluster.store.js';
import type { RedisState } from '../metrics/metrics.js';

/** What an adapter has opened, and how to close it again. */
export interface OpenStorage {
  readonly clusters: ClusterStore;
  /** How Redis is, where there is one. */
  readonly redisState?: () => Promise<RedisState>;
  readonly close: () => Promise<void>;
}
