import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import { type ErrorCode, PairingError } from '../errors/pairing-error.js';
import { LineBudget } from '../logging/line-budget.js';
import { sendProblem } from './problem.js';

/** Per second: a few lines are enough to find a defect. */
const MAX_ERROR_LINES = 10;

/** Maps all errors to answers. */
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
      // The template of the route and not the URL, which has the PIN.
      this.logger.error({ route: request.routeOptions.url, err: error.cause }, error.message);
    }
    sendProblem(request, http.getResponse<FastifyReply>(), error);
  }
}

/** Nest wraps the errors of Fastify itself, for example for an unknown route or a body that cannot be parsed. */
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
  // A body that the client did not send completely comes with 400, but nobody reads that answer.
  const code = typeof status === 'number' ? codesOfFramework[status] : undefined;
  return new PairingError(code ?? 'internal-error', { cause: thrown });
}
