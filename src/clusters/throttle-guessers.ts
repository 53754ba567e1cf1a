import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';
import { sendProblem } from '../http/problem.js';
import type { MissLimits } from '../limits/miss-limits.js';
import type { Metrics } from '../metrics/metrics.js';
import type { LiveClusters } from './live-clusters.js';
import { isPin } from './pin.js';

/**
 * From a throttled client only PINs of clusters that live get further than here (ADR 7): a cluster pairs
 * even behind the address of a guesser, who costs the store nothing.
 */
export function throttleGuessers(
  fastify: FastifyInstance,
  limits: MissLimits,
  live: LiveClusters,
  metrics: Metrics,
): void {
  const throttle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { pin } = request.params as { pin?: string };
    if (pin === undefined || !isPin(pin)) return;
    const ms = limits.throttledFor(request.clientAddress);
    // A store that cannot tell refuses by itself.
    if (ms === 0 || (await live.has(pin).catch(() => true))) return;
    metrics.throttled('guessing');
    const retryAfterSeconds = Math.ceil(ms / 1000);
    sendProblem(request, reply, new PairingError('too-many-requests', { retryAfterSeconds }));
  };

  fastify.addHook('onRequest', (request, reply, done) => {
    if (limits.idle) return done(); // as nearly always, and polls are many
    return throttle(request, reply); // a promise: Fastify goes on when it is fulfilled, unless it was answered
  });
}
