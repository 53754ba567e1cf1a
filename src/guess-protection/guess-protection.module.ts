import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { ClustersModule } from '../clusters/clusters.module.js';
import { GuessBlocker } from './guess-blocker.js';
import { LiveClusters } from './live-clusters.js';
import { UnknownPinFilter } from './unknown-pin.filter.js';
import { UnknownPinLimiter } from './unknown-pin.limiter.js';

/** Protects PINs from being guessed: counts requests for unknown ones, and blocks clients that make too many. */
@Module({
  imports: [ClustersModule],
  providers: [
    UnknownPinLimiter,
    LiveClusters,
    GuessBlocker,
    { provide: APP_FILTER, useClass: UnknownPinFilter },
  ],
  exports: [LiveClusters],
})
export class GuessProtectionModule implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost<FastifyAdapter>,
    private readonly blocker: GuessBlocker,
  ) {}

  onModuleInit(): void {
    this.blocker.protect(this.adapterHost.httpAdapter.getInstance());
  }
}
