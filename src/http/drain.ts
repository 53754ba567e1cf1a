import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { PlainConnections } from './plain-connections.js';

/** Time for clients with an open connection to get one more answer on it. */
const DRAIN_MS = 500;
/** Requests end sooner. Connections that are left after this time are idle or never end. */
const GRACE_MS = 5_000;

/**
 * After held requests have been answered (`waiting/held-requests.ts`), requests are still served for a moment, with
 * `Connection: close`. If idle connections were closed at once, a request that is just arriving would be lost. Then the
 * listener closes, and requests in flight have `GRACE_MS` to end.
 */
export function drainBeforeClosing(fastify: FastifyInstance, plain: PlainConnections): void {
  fastify.addHook('preClose', async () => {
    await delay(DRAIN_MS);
    plain.stop();
    setTimeout(() => {
      fastify.server.closeAllConnections();
      plain.closeAll();
    }, GRACE_MS).unref();
  });
}
