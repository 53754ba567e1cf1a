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
 * Refuses requests of a blocked client for PINs without a live cluster (ADR 7). Live clusters are still served, so
 * machines that share the address of a guesser can pair. The refused requests cost the store nothing.
 */
@Injectable()
export class GuessBlocker {
  constructor(
    private readonly limiter: UnknownPinLimiter,
    private readonly live: LiveClusters,
    private readonly metrics: Metrics,
  ) {}

  /** Adds a hook and not a guard, because it costs a poll no promise while no client is blocked. */
  protect(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      if (!this.limiter.hasBlocked) return done();
      // Fastify continues when the promise is fulfilled, unless the request has been answered.
      return this.check(request, reply);
    });
  }

  private async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const pin = pinParamOf(request);
    if (pin === undefined || !isPin(pin)) return;
    const ms = this.limiter.blockedFor(request.clientAddress);
    // When the store does not answer, let the request through: it fails by itself.
    if (ms === 0 || (await this.live.has(pin).catch(() => true))) return;
    this.metrics.throttled('guessing');
    const retryAfterSeconds = Math.ceil(ms / 1000);
    sendProblem(request, reply, new PairingError('too-many-requests', { retryAfterSeconds }));
  }
}
