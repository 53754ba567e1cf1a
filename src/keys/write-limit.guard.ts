import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { parsePin } from '../clusters/pin.js';
import { pinParamOf } from '../clusters/pin.param.js';
import { WriteLimit } from './write-limit.js';

/** Refuses a write when too many came under its PIN. Used on routes that have a PIN in their path. */
@Injectable()
export class WriteLimitGuard implements CanActivate {
  // The count is in a service: Nest makes a guard of its own for each module that uses it.
  constructor(private readonly writes: WriteLimit) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const pin = pinParamOf(context.switchToHttp().getRequest<FastifyRequest>()) ?? '';
    await this.writes.count(parsePin(pin)); // only PINs are counted, so that the keys of the count are short
    return true;
  }
}
