import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.js';
import { measured } from './measured.js';
import type { OpenStorage } from './storage.js';

const STORAGE = Symbol('storage');

/** Gives the features their store, which they know by its port only. */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  /** Redis when `REDIS_URL` is set, else the embedded database. */
  static forRoot(): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        { provide: STORAGE, inject: [Settings, Clock], useFactory: open },
        {
          provide: ClusterStore,
          inject: [STORAGE, Settings, Metrics],
          useFactory: ({ clusters }: OpenStorage, { redisUrl }: Settings, metrics: Metrics) => {
            const storage = redisUrl === undefined ? 'sql' : 'redis';
            return measured(clusters, { storage, store: 'clusters' }, metrics);
          },
        },
      ],
      exports: [ClusterStore],
    };
  }

  constructor(
    @Inject(STORAGE) private readonly storage: OpenStorage,
    metrics: Metrics,
  ) {
    if (storage.redisState) metrics.watchRedis(storage.redisState);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.storage.close();
  }
}

async function open({ redisUrl, dataDir }: Settings, clock: Clock): Promise<OpenStorage> {
  const logger = new Logger('Storage');
  const warn = (message: string) => logger.warn(message);
  // Each brings a large library, which the other does without.
  if (redisUrl === undefined) {
    const { openSql } = await import('./sql/open-sql.js');
    return openSql(dataDir, clock, warn);
  }
  const { openRedis } = await import('./redis/open-redis.js');
  return openRedis(redisUrl, clock, warn);
}
