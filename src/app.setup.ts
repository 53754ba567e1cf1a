import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Clock } from './clock/clock.js';
import type { Settings } from './config/settings.js';
import { PairingError } from './errors/pairing-error.js';
import { answerClientError } from './http/client-error.js';
import { findClientAddresses } from './http/client-address.js';
import { Connections, serveInTurn } from './http/connections.js';
import { addBodyParsers } from './http/body-parsers.js';
import { allowOrigins } from './http/cors.js';
import { drainBeforeClosing } from './http/drain.js';
import { addHeaders, apiHeaders } from './http/headers.js';
import { sendProblem } from './http/problem.js';
import { watchMethods } from './http/methods.js';
import { negotiateFormats } from './http/negotiate.js';
import { PlainConnections } from './http/plain-connections.js';
import { timeouts } from './http/timeouts.js';
import { CachedPolls, POLL_ROUTE } from './keys/cached-polls.js';
import { NestLogger } from './logging/nest-logger.js';
import { logRequests } from './logging/request-log.js';
import { Metrics } from './metrics/metrics.js';
import { measureRequests } from './metrics/measure-requests.js';
import { PrometheusMetrics } from './metrics/prometheus-metrics.js';
import { serveApiDocs } from './openapi/api-docs.js';

const MAX_BODY_BYTES = 16 * 1024;
/** Node refuses a longer request line by itself. */
const MAX_URL_BYTES = 16 * 1024;

/** Makes a compiler that refuses to compile. */
function noSchemas() {
  return (): never => {
    throw new Error('A route of Fastify must not have a schema: its DTO has the rules.');
  };
}

/** Creates the application, ready to listen. Fails with a `StartError`, or with the error of a defect. */
export async function createApp(
  settings: Settings,
  clock: Clock,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: {
      // Virtual machines do not follow redirects, so both spellings are answered.
      ignoreTrailingSlash: true,
      // Field images join `https://host/` and `/api/v1`.
      ignoreDuplicateSlashes: true,
      // A key that is too long is refused by its own route, in the format of that route.
      maxParamLength: MAX_URL_BYTES,
    },
    // A path that cannot be decoded matches no route.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(apiHeaders(settings));
      sendProblem(request, reply, new PairingError('not-found'));
    },
    clientErrorHandler: answerClientError,
    ...timeouts,
    // Streams of bodies that a request does not have cost each poll more than a microsecond.
    http: { ...timeouts.http, optimizeEmptyRequests: true },
    // Requests and answers are not checked by JSON schemas. The compilers for them would be the largest part of Fastify.
    schemaController: {
      compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas },
    },
    skipMiddie: true, // no Express middleware here: it would cost every poll
    // After SIGTERM, requests are served until the listener closes, and requests in flight end.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(settings, clock, logger),
    adapter,
    { logger: new NestLogger(logger), abortOnError: false, bodyParser: false },
  );
  const fastify = adapter.getInstance();
  // These are Fastify hooks, because guards, interceptors and pipes of Nest would cost each poll several promises. Hooks
  // run in the order of these calls: addresses come first, because the others use them. All are added before `init`
  // adds the routes, because a route gets only the hooks that exist by then.
  const plain = new PlainConnections(fastify.server, clock);
  new Connections(fastify.server, plain, settings, clock, app.get(Metrics), logger).guard();
  findClientAddresses(fastify, settings);
  serveInTurn(fastify);
  addBodyParsers(fastify);
  addHeaders(fastify, settings);
  allowOrigins(app, settings);
  negotiateFormats(fastify);
  const log = logRequests(fastify, logger, clock);
  const measure = measureRequests(fastify, app.get(PrometheusMetrics).registry);
  if (settings.traceRatio > 0) {
    // Loads large libraries, which most installations do not need.
    const { traceRequests } = await import('./tracing/trace-requests.js');
    traceRequests(fastify, settings.traceRatio);
  }
  drainBeforeClosing(fastify, plain);
  const answerOtherMethods = watchMethods(fastify);

  app.enableShutdownHooks([], { useProcessExit: true });
  serveApiDocs(app);

  await app.init();
  answerOtherMethods();
  // CORS and tracing add to every answer.
  if (settings.corsOrigins.length === 0 && settings.traceRatio === 0) {
    const measurePoll = measure('GET', POLL_ROUTE);
    app.get(CachedPolls).serve(fastify.server, plain, (status, ms, wasHeld) => {
      log('GET', POLL_ROUTE, status, ms);
      if (!wasHeld) measurePoll(status, ms / 1000);
    });
  }
  return app;
}
