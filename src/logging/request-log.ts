import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import { LineBudget } from './line-budget.js';

export const MAX_REQUEST_LINES = 100;

/**
 * Logs one line for each request, at most 100 a second: reads at debug, because there are thousands of polls, others
 * at info. A line has the template of the route and not the URL, which contains the PIN. It has no address, because
 * the address of a master is a value.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger, clock: Clock): void {
  const budget = new LineBudget(MAX_REQUEST_LINES, clock, (skipped) => {
    logger.info({ skipped }, 'requests that were not logged');
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const read = request.method === 'GET' || request.method === 'HEAD';
    const level = read ? 'debug' : 'info';
    if (!logger.isLevelEnabled(level) || !budget.allows()) return done();
    logger[level](
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
    done();
  });
}
