import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionStore } from '../auth/session.store.js';
import { Clock } from '../clock/clock.js';
import { ClusterSignals } from '../clusters/cluster.signals.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { Settings } from '../config/settings.js';
import { Leases } from '../maintenance/leases.js';
import { IssuanceStore } from '../issuances/issuance.store.js';
import { SharedLimits } from '../limits/shared-limits.js';
import { Metrics } from '../metrics/metrics.js';
import { measured } from './measured.js';
import { openClusters } from './sql/open-clusters.js';
import { RecordDatabase } from './sql/record-database.js';
import { RecordModule } from './sql/record.module.js';
import { SqlIssuanceStore } from './sql/sql-issuance.store.js';
import { SqlLeases } from './sql/sql-leases.js';
import { SqlSessionStore } from './sql/sql-session.store.js';
import { openSqlite } from './sql/sqlite.js';
import type { OpenStorage } from './storage.js';

const STORAGE = Symbol('storage');

/** Provides the stores to the features, which know only the ports. Global, because every feature needs a store. */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  /**
   * Clusters are in Redis if `REDIS_URL` is set, issuances in PostgreSQL if `DATABASE_URL` is set. Otherwise they are in
   * the embedded database.
   */
  static forRoot(): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      imports: [RecordModule],
      providers: [
        // After `RecordDatabase`, which initializes the `DataSource`.
        {
          provide: STORAGE,
          inject: [Settings, Clock, DataSource, RecordDatabase],
          useFactory: open,
        },
        {
          provide: SharedLimits,
          inject: [STORAGE],
          useFactory: ({ limits }: OpenStorage) => limits,
        },
        {
          provide: ClusterStore,
          inject: [STORAGE, Settings, Metrics],
          useFactory: ({ clusters }: OpenStorage, { redisUrl }: Settings, metrics: Metrics) => {
            const storage = redisUrl === undefined ? 'sql' : 'redis';
            return measured(clusters, { storage, store: 'clusters' }, metrics);
          },
        },
        {
          provide: ClusterSignals,
          inject: [STORAGE],
          useFactory: ({ signals }: OpenStorage) => signals,
        },
        {
          provide: IssuanceStore,
          inject: [SqlIssuanceStore, Metrics],
          useFactory: (issuances: SqlIssuanceStore, metrics: Metrics) =>
            measured(issuances, { storage: 'sql', store: 'issuances' }, metrics),
        },
        {
          provide: Leases,
          inject: [SqlLeases, Metrics],
          useFactory: (leases: SqlLeases, metrics: Metrics) =>
            measured(leases, { storage: 'sql', store: 'leases' }, metrics),
        },
        {
          provide: SessionStore,
          inject: [SqlSessionStore, Metrics],
          useFactory: (sessions: SqlSessionStore, metrics: Metrics) =>
            measured(sessions, { storage: 'sql', store: 'sessions' }, metrics),
        },
      ],
      exports: [SharedLimits, ClusterStore, ClusterSignals, IssuanceStore, Leases, SessionStore],
    };
  }

  constructor(
    @Inject(STORAGE) private readonly storage: OpenStorage,
    record: RecordDatabase,
    metrics: Metrics,
  ) {
    metrics.observeDatabase(() => record.isUp);
    if (storage.redisState) metrics.observeRedis(storage.redisState);
    storage.signals.listen({
      changed: () => metrics.countSignal('change'),
      signalsLost: () => metrics.countSignal('loss'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.storage.close();
  }
}

async function open(
  { redisUrl, databaseUrl, dataDir }: Settings,
  clock: Clock,
  database: DataSource,
): Promise<OpenStorage> {
  const logger = new Logger('Storage');
  const warn = (message: string) => logger.warn(message);
  if (redisUrl !== undefined) {
    // Loads a large library, which the embedded service does not need.
    const { openRedis } = await import('./redis/open-redis.js');
    return openRedis(redisUrl, clock, warn);
  }
  const embedded = databaseUrl === undefined ? database : await openSqlite(dataDir, warn);
  return openClusters(embedded, clock, warn);
}
