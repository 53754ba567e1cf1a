import { Logger } from '@nestjs/common';

const logger = new Logger('Background');

/**
 * Runs work without waiting for it. A failure is only logged, with `what` as its subject: an unhandled rejection would
 * end the process.
 */
export function inBackground(what: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    logger.error(`${what} failed`, error instanceof Error ? error.stack : String(error));
  });
}
