import { Global, Module } from '@nestjs/common';
import { Metrics } from './metrics.js';
import { MetricsServer } from './metrics.server.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

/** Gives everyone `Metrics`, and Prometheus what was told. */
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
