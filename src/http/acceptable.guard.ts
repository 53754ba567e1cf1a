import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';
import { formatOf } from './format.js';

/** Refuses what could not be answered before anything is changed. */
@Injectable()
export class AcceptableGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (formatOf(context.switchToHttp().getRequest<FastifyRequest>())) return true;
    throw new PairingError('not-acceptable');
  }
}
