import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import { LineBudget } from './line-budget.js';

export const MAX_REQUEST_LINES = 100;

/** Logs a request that has been answered. `route` is the template and not the URL, which contains the PIN. */
export type LogRequest = (
  method: string,
  route: string | undefined,
  status: number,
  ms: number,
) => void;

/**
 * Logs one line for each request, at most 100 a second: reads at debug, because there are thousands of polls, others
 * at info. A line has no address, because the address of a master is a value. Returns how a request is logged that
 * Fastify does not see.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger, clock: Clock): LogRequest {
  const budget = new LineBudget(MAX_REQUEST_LINES, clock, (skipped) => {
    logger.info({ skipped }, 'requests that were not logged');
  });
  const log: LogRequest = (method, route, status, ms) => {
    const level = method === 'GET' || method === 'HEAD' ? 'debug' : 'info';
    if (!logger.isLevelEnabled(level) || !budget.allows()) return;
    logger[level]({ method, route, status, ms: Math.round(ms * 10) / 10 }, 'request');
  };
  fastify.addHook('onResponse', ({ method, routeOptions }, { statusCode, elapsedTime }, done) => {
    log(method, routeOptions.url, statusCode, elapsedTime);
    done();
  });
  return log;
}
