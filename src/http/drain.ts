import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** Time for clients that keep their connection to have one more answer on it. */
const DRAIN_MS = 500;
/** Requests end sooner; what is left then has never asked, or never ends. */
const GRACE_MS = 5_000;

/**
 * When held requests have been answered (`waiting/held-requests.ts`), clients are served a moment longer; each
 * answer says that its connection ends there: cutting idle connections at once would cut some just as a
 * request comes in. Then the listener closes and requests in flight may end, but none keeps the process for ever.
 */
export function drainBeforeClosing(fastify: FastifyInstance): void {
  fastify.addHook('preClose', async () => {
    await delay(DRAIN_MS);
    setTimeout(() => fastify.server.closeAllConnections(), GRACE_MS).unref();
  });
}
