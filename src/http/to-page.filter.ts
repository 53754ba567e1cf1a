import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpStatus,
  Logger,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';

/** Leads a person to the page, which says in words what went wrong. For what no script asks for. */
@Catch()
export class ToPageFilter implements ExceptionFilter {
  private readonly logger = new Logger('Page');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error =
      thrown instanceof PairingError
        ? thrown
        : new PairingError('internal-error', { cause: thrown });
    const { code, cause } = error;
    if (code === 'internal-error') {
      this.logger.error(cause, cause instanceof Error ? cause.stack : undefined);
    } else if (cause instanceof Error) this.logger.warn(`${code}: ${cause.message}`);
    host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .header('cache-control', 'no-store')
      .redirect(`/?problem=${code}`, HttpStatus.SEE_OTHER);
  }
}
