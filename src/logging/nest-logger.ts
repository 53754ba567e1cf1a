import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Contexts in which Nest logs an error and also throws it. `main` reports it in one sentence. */
const alsoThrown = new Set<unknown>(['ExceptionHandler', 'NestApplication']);

/** Writes the messages of Nest to our log. Those at the start have level debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }

  error(message: unknown, ...details: unknown[]): void {
    const level = alsoThrown.has(details.at(-1)) ? 'debug' : 'error';
    this.logger[level]({ details }, String(message));
  }
}
