import type { FastifyInstance } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';
import { sendProblem } from './problem.js';

/**
 * Answers the methods that a route does not have: OPTIONS with 204, others with 405, both with `Allow` (RFC 9110,
 * section 15.5.6). Call it before routes are added, and the returned function after that.
 */
export function watchMethods(fastify: FastifyInstance): () => void {
  const methodsByUrl = new Map<string, Set<string>>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const path = url.replace(/\/$/, '') || '/'; // both are the same for the router
    const methods = methodsByUrl.get(path) ?? new Set();
    methodsByUrl.set(path, methods);
    for (const each of [method].flat()) methods.add(each);
  });

  return () => {
    for (const [url, methods] of methodsByUrl) {
      const allow = [...methods, 'OPTIONS'].join(', ');
      for (const method of fastify.supportedMethods) {
        if (methods.has(method)) continue;
        fastify.route({
          url,
          method,
          exposeHeadRoute: false,
          // Before the body is read, because the method is wrong with any body.
          onRequest: (request, reply) => {
            reply.header('allow', allow);
            if (method === 'OPTIONS') reply.code(204).send();
            else sendProblem(request, reply, new PairingError('method-not-allowed'));
          },
          handler: () => undefined,
        });
      }
    }
  };
}
