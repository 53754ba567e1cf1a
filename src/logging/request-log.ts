import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/**
 * One line a request: reads, which are polls by the thousand, at debug, the rest at info. It has the
 * route's template and not its URL, which holds the PIN; and no address, which is often a value.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const read = request.method === 'GET' || request.method === 'HEAD';
    const level = read ? 'debug' : 'info';
    if (!logger.isLevelEnabled(level)) return done();
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
