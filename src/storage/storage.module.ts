import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
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
import type { openRedis as OpenRedis } from './redis/open-redis.js';
import type { OpenRecord, OpenStorage } from './storage.js';

const STORAGE = Symbol('storage');
type Storage = OpenStorage & OpenRecord;

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
      providers: [
        { provide: STORAGE, inject: [Settings, Clock], useFactory: open },
        {
          provide: SharedLimits,
          inject: [STORAGE],
          useFactory: ({ limits }: OpenStorage) => limits,
        },
        {
          provide: ClusterStore,
          inject: [STORAGE, Settings, Metrics],
          useFactory: ({ clusters }: Storage, { redisUrl }: Settings, metrics: Metrics) => {
            const storage = redisUrl === undefined ? 'sql' : 'redis';
            return measured(clusters, { storage, store: 'clusters' }, metrics);
          },
        },
        {
          provide: ClusterSignals,
          inject: [STORAGE],
          useFactory: ({ signals }: Storage) => signals,
        },
        {
          provide: IssuanceStore,
          inject: [STORAGE, Metrics],
          useFactory: ({ issuances }: Storage, metrics: Metrics) =>
            measured(issuances, { storage: 'sql', store: 'issuances' }, metrics),
        },
        {
          provide: Leases,
          inject: [STORAGE, Metrics],
          useFactory: ({ leases }: Storage, metrics: Metrics) =>
            measured(leases, { storage: 'sql', store: 'leases' }, metrics),
        },
        {
          provide: SessionStore,
          inject: [STORAGE, Metrics],
          useFactory: ({ sessions }: Storage, metrics: Metrics) =>
            measured(sessions, { storage: 'sql', store: 'sessions' }, metrics),
        },
      ],
      exports: [SharedLimits, ClusterStore, ClusterSignals, IssuanceStore, Leases, SessionStore],
    };
  }

  constructor(
    @Inject(STORAGE) private readonly storage: Storage,
    metrics: Metrics,
  ) {
    metrics.observeDatabase(() => storage.issuances.isUp);
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

async function open(settings: Settings, clock: Clock): Promise<Storage> {
  const { redisUrl, databaseUrl, dataDir } = settings;
  const logger = new Logger('Storage');
  const warn = (message: string) => logger.warn(message);
  const { openPostgres, openSql } = await import('./sql/open-sql.js');
  let embedded: Promise<Storage> | undefined;
  const openEmbedded = () => (embedded ??= openSql(dataDir, clock, warn));

  const live = await (redisUrl === undefined ? openEmbedded() : openRedis(redisUrl, clock, warn));
  const record = await (databaseUrl === undefined
    ? openEmbedded()
    : openPostgres(databaseUrl, warn));
  return {
    ...live,
    issuances: record.issuances,
    leases: record.leases,
    sessions: record.sessions,
    async close() {
      for (const each of new Set([live, record])) await each.close();
    },
  };
}

/** Loads a large library, which the embedded service does not need. */
async function openRedis(...args: Parameters<typeof OpenRedis>): Promise<OpenStorage> {
  const redis = await import('./redis/open-redis.js');
  return redis.openRedis(...args);
}
