import { setTimeout as delay } from 'node:timers/promises';
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { FastifyInstance } from 'fastify';

/** The longest time to wait for the collector when the service stops. */
const LAST_SEND_MS = 1_000;

/**
 * Sends spans for a part of the requests to an OTLP collector, as the `OTEL_*` variables configure. A span has the
 * template of the route and not the URL, which has the PIN. Names follow OpenTelemetry's conventions. Each request
 * begins a new trace: callers are anonymous, so their trace ids are ignored.
 */
export function traceRequests(fastify: FastifyInstance, ratio: number): void {
  const provider = new TracerProvider({
    sampler: new TraceIdRatioBasedSampler(ratio),
    resource: resourceFromAttributes({ 'service.name': 'cluster-pairing' }).merge(
      detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }),
    ),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer('cluster-pairing');

  fastify.addHook(
    'onResponse',
    ({ method, routeOptions: { url } }, { statusCode, elapsedTime }, done) => {
      const attributes: Attributes = {
        'http.request.method': method,
        'http.response.status_code': statusCode,
      };
      if (url !== undefined) attributes['http.route'] = url;
      const end = performance.now();
      const span = tracer.startSpan(url === undefined ? method : `${method} ${url}`, {
        kind: SpanKind.SERVER,
        root: true,
        startTime: end - elapsedTime,
        attributes,
      });
      if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(end);
      done();
    },
  );
  fastify.addHook('onClose', async () => {
    await Promise.race([provider.shutdown(), delay(LAST_SEND_MS, undefined, { ref: false })]);
  });
}
