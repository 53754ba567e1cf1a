import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { HeldRequests } from '../held/held-requests.js';

/** Over so long held requests are answered: all at once, their clients would be back all at once. */
const RELEASE_MS = 5_000;
/** Time for clients that keep their connection to have one more answer on it. */
const DRAIN_MS = 500;
/** Requests end sooner; what is left then has never asked, or never ends. */
const GRACE_MS = 5_000;

/**
 * Before the listener closes, held requests are answered, and everybody is served a moment longer; each
 * answer says that its connection ends there: cutting idle connections at once would cut some just as a
 * request comes in. Then requests in flight may end, but none keeps the process for ever.
 */
export function drainBeforeClosing(fastify: FastifyInstance, held: HeldRequests): void {
  fastify.addHook('preClose', async () => {
    await held.releaseAll(RELEASE_MS);
    await delay(DRAIN_MS);
    setTimeout(() => fastify.server.closeAllConnections(), GRACE_MS).unref();
  });
}
