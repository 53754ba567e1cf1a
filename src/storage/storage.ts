import type { SessionStore } from '../auth/session.store.js';
import type { ClusterStore } from '../clusters/cluster.store.js';
import type { ClusterSignals } from '../clusters/cluster.signals.js';
import type { Leases } from '../expiry/leases.js';
import type { IssuanceStore } from '../issuances/issuance.store.js';
import type { SharedLimits } from '../limits/shared-limits.js';
import type { RedisState } from '../metrics/metrics.js';

/** Where clusters live: what an adapter has opened, and how to close it again. */
export interface OpenStorage {
  readonly clusters: ClusterStore;
  readonly signals: ClusterSignals;
  /** How Redis is, where there is one. */
  readonly redisState?: () => Promise<RedisState>;
  readonly limits: SharedLimits;
  readonly close: () => Promise<void>;
}

/** Where the record of PINs is kept, and how to close it again. */
export interface OpenRecord {
  readonly issuances: IssuanceStore;
  readonly leases: Leases;
  readonly sessions: SessionStore;
  readonly close: () => Promise<void>;
}
