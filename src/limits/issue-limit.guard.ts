import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { Metrics } from '../metrics/metrics.js';
import { Limit } from './limit.js';
import { SharedLimits } from './shared-limits.js';

/** Refuses the PIN that is one too many for its person in an hour. Needs a guard before it that says who. */
@Injectable()
export class IssueLimitGuard implements CanActivate {
  private readonly perUser: Limit;

  constructor(
    { pinSecret, maxPinsPerHour }: Settings,
    shared: SharedLimits,
    private readonly metrics: Metrics,
  ) {
    this.perUser = new Limit('pins', { points: maxPinsPerHour, duration: 3600 }, shared, pinSecret);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<FastifyRequest & { user: { name: string } }>();
    let msLeft = 0;
    await this.perUser.count(user.name, (excess) => (msLeft = Math.max(msLeft, excess.msLeft)));
    if (msLeft === 0) return true;
    this.metrics.throttled('issuing');
    throw new PairingError('too-many-requests', {
      detail: 'You were issued as many PINs in an hour as one person may. Try again later.',
      retryAfterSeconds: Math.ceil(msLeft / 1000),
    });
  }
}
