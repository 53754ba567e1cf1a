import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { parsePin } from '../clusters/pin.js';
import { WriteLimit } from './write-limit.js';

/** Refuses a write when too many came under its PIN, before the body is looked at. */
@Injectable()
export class WriteLimitGuard implements CanActivate {
  constructor(private readonly writes: WriteLimit) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { params } = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { pin: string } }>>();
    await this.writes.count(parsePin(params.pin)); // of another shape are too many to count
    return true;
  }
}
