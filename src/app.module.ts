import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Logger } from 'pino';
import { Clock } from './clock/clock.js';
import { ClockModule } from './clock/clock.module.js';
import { ClustersModule } from './clusters/clusters.module.js';
import { CommandLineModule } from './command-line/command-line.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import { ProblemFilter } from './http/problem.filter.js';
import { EventsModule } from './events/events.module.js';
import { MaintenanceModule } from './maintenance/maintenance.module.js';
import { GuessProtectionModule } from './guess-protection/guess-protection.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { HealthModule } from './health/health.module.js';
import { IssuancesModule } from './issuances/issuances.module.js';
import { KeysModule } from './keys/keys.module.js';
import { MembersModule } from './members/members.module.js';
import { LoggingModule } from './logging/logging.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { StorageModule } from './storage/storage.module.js';
import { WaitingModule } from './waiting/waiting.module.js';
import { WebModule } from './web/web.module.js';

/** The whole service. Only this module knows all others. */
@Module({})
export class AppModule {
  static with(settings: Settings, clock: Clock, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      // The filters of modules come before this one.
      providers: [{ provide: APP_FILTER, useValue: new ProblemFilter(logger, clock) }],
      imports: [
        ConfigModule.with(settings),
        ClockModule.with(clock),
        LoggingModule.with(logger),
        MetricsModule,
        StorageModule.forRoot(),
        LimitsModule,
        WaitingModule,
        ClustersModule,
        GuessProtectionModule,
        KeysModule,
        MembersModule,
        EventsModule,
        IssuancesModule,
        MaintenanceModule,
        HealthModule,
        CommandLineModule,
        WebModule,
      ],
    };
  }
}
