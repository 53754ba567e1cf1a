import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type ErrorCode, PairingError } from '../errors/pairing-error.js';
import { sendProblem } from './problem.js';

/** The one way out for errors. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const error = toPairingError(thrown);
    if (error.code === 'internal-error') {
      // The route's template and not its URL, which holds the PIN.
      this.logger.error({ route: request.routeOptions.url, err: error.cause }, error.message);
    }
    sendProblem(request, http.getResponse<FastifyReply>(), error);
  }
}

/** Nest wraps what Fastify refuses by itself (an unknown route, a body it cannot parse). */
const codesOfFramework: Partial<Record<number, ErrorCode>> = {
  400: 'bad-request',
  404: 'not-found',
  413: 'body-too-large',
  415: 'unsupported-media-type',
};

function toPairingError(thrown: unknown): PairingError {
  if (thrown instanceof PairingError) return thrown;
  const code = thrown instanceof HttpException ? codesOfFramework[thrown.getStatus()] : undefined;
  return new PairingError(code ?? 'internal-error', { cause: thrown });
}
