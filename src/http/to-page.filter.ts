import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpStatus,
  Logger,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Clock } from '../clock/clock.js';
import { PairingError } from '../errors/pairing-error.js';
import { LineBudget } from '../logging/line-budget.js';

/** Per second: any client can request a page that fails. */
export const MAX_PAGE_LINES = 10;

/** After an error, redirects the browser to the page, which shows the message. For routes that scripts do not use. */
@Catch()
export class ToPageFilter implements ExceptionFilter {
  private readonly logger = new Logger('Page');
  private readonly budget: LineBudget;

  constructor(clock: Clock) {
    this.budget = new LineBudget(MAX_PAGE_LINES, clock, (skipped) => {
      this.logger.warn(`${skipped} failures were not logged`);
    });
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error =
      thrown instanceof PairingError
        ? thrown
        : new PairingError('internal-error', { cause: thrown });
    const { code, cause } = error;
    const isDefect = code === 'internal-error';
    if ((isDefect || cause instanceof Error) && this.budget.allows()) {
      const { message, stack } = cause instanceof Error ? cause : new Error(String(cause));
      if (isDefect) this.logger.error(message, stack);
      else this.logger.warn(`${code}: ${message}`);
    }
    host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .header('cache-control', 'no-store')
      .redirect(`/?problem=${code}`, HttpStatus.SEE_OTHER);
  }
}
