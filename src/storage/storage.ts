import type { SessionStore } from '../auth/session.store.js';
import type { ClusterStore } from '../clusters/cluster.store.js';
import type { ClusterSignals } from '../clusters/cluster.signals.js';
import type { Leases } from '../maintenance/leases.js';
import type { IssuanceStore } from '../issuances/issuance.store.js';
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

/** The opened database of issuances, and how to close it. */
export interface OpenRecord {
  readonly issuances: IssuanceStore;
  readonly leases: Leases;
  readonly sessions: SessionStore;
  readonly close: () => Promise<void>;
}
