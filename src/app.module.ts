import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from './clock/clock.js';
import { ClockModule } from './clock/clock.module.js';
import { ClustersModule } from './clusters/clusters.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import { HealthModule } from './health/health.module.js';
import { KeysModule } from './keys/keys.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { StorageModule } from './storage/storage.module.js';

/** The whole service; the only place that knows every module. */
@Module({})
export class AppModule {
  static with(settings: Settings, clock: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        ClockModule.with(clock),
        MetricsModule,
        StorageModule.forRoot(),
        ClustersModule,
        KeysModule,
        HealthModule,
      ],
    };
  }
}
