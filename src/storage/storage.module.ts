import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { Settings } from '../config/settings.js';
import { openSqlite } from './sql/sqlite.js';
import { SqlClusterStore } from './sql/sql-cluster.store.js';

/** Gives the features their store, which they know by its port only. */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  static forRoot(): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        {
          provide: DataSource,
          inject: [Settings],
          useFactory: (settings: Settings) => openSqlite(settings.dataDir),
        },
        {
          provide: ClusterStore,
          inject: [DataSource, Clock],
          useFactory: (database: DataSource, clock: Clock) => new SqlClusterStore(database, clock),
        },
      ],
      exports: [ClusterStore],
    };
  }

  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.destroy();
  }
}
