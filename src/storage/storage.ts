import type { ClusterStore } from '../clusters/cluster.store.js';
import type { ClusterSignals } from '../clusters/cluster.signals.js';
import type { SharedLimits } from '../limits/shared-limits.js';
import type { RedisState } from '../metrics/metrics.js';

/** The opened storage of clusters, and how to close it. */
export interface OpenStorage {
  readonly clusters: ClusterStore;
  readonly signals: ClusterSignals;
  /** Reads the state of Redis, if there is one. */
  readonly redisState?: () => Promise<RedisState>;
  readonly limits: SharedLimits;
  readonly close: () => Promise<void>;
}
