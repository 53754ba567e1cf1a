import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { isExcludedFromLatency } from './exclude-from-latency.js';
import { DurationHistogram, type Durations } from './durations.js';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** The label for requests that match no route: their path may be anything. */
const NO_ROUTE = 'none';

/** Records the duration of a request of one route. */
export type MeasureRequest = (status: number, seconds: number) => void;

/**
 * Measures every request that is not held, by the template of its route and never by its URL. Call it before routes are
 * added. Returns how the requests of a route are measured, for those that Fastify does not see.
 */
export function measureRequests(
  fastify: FastifyInstance,
  registry: Registry,
): (method: string, route: string) => MeasureRequest {
  const durations = new DurationHistogram(
    registry,
    'pairing_http_request_duration_seconds',
    'Time from a request to the end of its answer, for those that were not held.',
    BUCKETS,
  );
  const ofRoutes = new Map<string, MeasureRequest>();

  /** Each route has its own function, so that no request looks up a metric by name. */
  const measure = (method: string, route: string): MeasureRequest => {
    const id = `${method} ${route}`;
    const known = ofRoutes.get(id);
    if (known) return known;
    const byStatus: Durations[] = [];
    const measureRoute: MeasureRequest = (status, seconds) => {
      byStatus[status] ??= durations.of({ method, route, status: String(status) });
      byStatus[status].observe(seconds);
    };
    ofRoutes.set(id, measureRoute);
    return measureRoute;
  };
  const measureReply = (reply: FastifyReply, measureRoute: MeasureRequest) => {
    if (!isExcludedFromLatency(reply.raw)) measureRoute(reply.statusCode, reply.elapsedTime / 1000);
  };

  fastify.addHook('onRoute', (route) => {
    const measureRoute = measure(String(route.method), route.url);
    route.onResponse = [route.onResponse ?? []].flat();
    route.onResponse.push((_request, reply, done) => {
      measureReply(reply, measureRoute);
      done();
    });
  });
  const measureUnrouted = measure('any', NO_ROUTE);
  fastify.addHook('onResponse', (request, reply, done) => {
    if (request.is404) measureReply(reply, measureUnrouted);
    done();
  });
  return measure;
}
