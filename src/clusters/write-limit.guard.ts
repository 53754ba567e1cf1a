import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { parsePin } from './pin.js';
import { pinParamOf } from './pin.param.js';
import { WriteLimit } from './write-limit.js';

/** Refuses a write when there were too many under its PIN. For routes with a PIN in their path. */
@Injectable()
export class WriteLimitGuard implements CanActivate {
  // The counter is a service, because Nest creates a guard for each module that uses it.
  constructor(private readonly writes: WriteLimit) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const pin = pinParamOf(context.switchToHttp().getRequest<FastifyRequest>()) ?? '';
    await this.writes.count(parsePin(pin)); // fails for other texts, so that the counter's keys stay short
    return true;
  }
}
