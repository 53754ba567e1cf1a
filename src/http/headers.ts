import type { FastifyInstance } from 'fastify';
import { isTextFirst } from './format.js';

/** What every answer carries, errors too: nothing about a cluster may be kept by a cache. */
export function addHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/api/v1/')) reply.header('cache-control', 'no-store');
    if (isTextFirst(request)) reply.header('vary', 'Accept');
    done();
  });
}
