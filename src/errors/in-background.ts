import { Logger } from '@nestjs/common';

const logger = new Logger('Background');

/**
 * Lets work go on that nobody waits for. A failure is logged, with `what` as its subject, and goes no
 * further: a rejected promise that nobody handles would end the process.
 */
export function inBackground(what: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    logger.error(`${what} failed`, error instanceof Error ? error.stack : String(error));
  });
}
