import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UnknownPinError } from '../errors/pairing-error.js';
import { sendProblem } from '../http/problem.js';
import { UnknownPinLimiter } from './unknown-pin.limiter.js';

/** Counts each request that fails because its PIN does not exist, on any route. */
@Catch(UnknownPinError)
@Injectable()
export class UnknownPinFilter implements ExceptionFilter<UnknownPinError> {
  constructor(private readonly limiter: UnknownPinLimiter) {}

  catch(error: UnknownPinError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    this.limiter.recordMiss(request.clientAddress);
    sendProblem(request, http.getResponse<FastifyReply>(), error);
  }
}
