import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Where Nest logs what it throws as well, for `main` to say in one sentence. */
const thrownToo = new Set<unknown>(['ExceptionHandler', 'NestApplication']);

/** Leads what Nest has to say into our log. Its chatter at start is for who debugs it. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }

  error(message: unknown, ...details: unknown[]): void {
    const level = thrownToo.has(details.at(-1)) ? 'debug' : 'error';
    this.logger[level]({ details }, String(message));
  }
}
