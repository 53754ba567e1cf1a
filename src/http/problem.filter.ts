import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import { type ErrorCode, PairingError } from '../errors/pairing-error.js';
import { LineBudget } from '../logging/line-budget.js';
import { sendProblem } from './problem.js';

/** A second. One is enough to find a defect by. */
const MAX_ERROR_LINES = 10;

/** The one way out for errors. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly budget: LineBudget;

  constructor(
    private readonly logger: Logger,
    clock: Clock,
  ) {
    this.budget = new LineBudget(MAX_ERROR_LINES, clock, (skipped) => {
      logger.error({ skipped }, 'errors that were not logged');
    });
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const error = toPairingError(thrown);
    if (error.code === 'internal-error' && this.budget.allows()) {
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
  const status =
    thrown instanceof HttpException
      ? thrown.getStatus()
      : (thrown as { statusCode?: unknown }).statusCode;
  // A body that its client cut off comes with 400: nobody reads the answer.
  const code = typeof status === 'number' ? codesOfFramework[status] : undefined;
  return new PairingError(code ?? 'internal-error', { cause: thrown });
}
