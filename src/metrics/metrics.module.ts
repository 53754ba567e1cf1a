import { Global, Module } from '@nestjs/common';
import { Metrics } from './metrics.js';
import { MetricsServer } from './metrics.server.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

/** Provides `Metrics` to all modules, and serves them to Prometheus. Global, because nearly every module counts something. */
@Global()
@Module({
  providers: [
    PrometheusMetrics,
    { provide: Metrics, useExisting: PrometheusMetrics },
    MetricsServer,
  ],
  exports: [Metrics, MetricsServer],
})
export class MetricsModule {}
