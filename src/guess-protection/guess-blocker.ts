import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isPin } from '../clusters/pin.js';
import { pinParamOf } from '../clusters/pin.param.js';
import { PairingError } from '../errors/pairing-error.js';
import { sendProblem } from '../http/problem.js';
import { Metrics } from '../metrics/metrics.js';
import { LiveClusters } from './live-clusters.js';
import { UnknownPinLimiter } from './unknown-pin.limiter.js';

/**
 * Refuses what a blocked client asks of a PIN that has no living cluster (ADR 7). Living clusters are
 * served, so a cluster pairs even behind the address of a guesser, and a guesser costs the store nothing.
 */
@Injectable()
export class GuessBlocker {
  constructor(
    private readonly limiter: UnknownPinLimiter,
    private readonly live: LiveClusters,
    private readonly metrics: Metrics,
  ) {}

  /** Adds a hook and not a guard: while no client is blocked, a poll costs no promise. */
  protect(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      if (!this.limiter.hasBlocked) return done();
      // Fastify goes on when the promise is fulfilled, unless the request was answered.
      return this.check(request, reply);
    });
  }

  private async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const pin = pinParamOf(request);
    if (pin === undefined || !isPin(pin)) return;
    const ms = this.limiter.blockedFor(request.clientAddress);
    // When the store does not answer, the request fails by itself.
    if (ms === 0 || (await this.live.has(pin).catch(() => true))) return;
    this.metrics.throttled('guessing');
    const retryAfterSeconds = Math.ceil(ms / 1000);
    sendProblem(request, reply, new PairingError('too-many-requests', { retryAfterSeconds }));
  }
}
