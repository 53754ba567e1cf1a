import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';
import { SystemClock } from './clock/clock.js';
import { listenOn } from './config/listen-on.js';
import { readSettings } from './config/read-settings.js';
import { StartError } from './errors/start-error.js';
import { BACKLOG } from './http/connections.js';
import { createLogger } from './logging/logger.js';

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const logger = await createLogger(settings);
  // After the settings: a wrong one is reported before thousands of modules are loaded.
  const { createApp } = await import('./app.setup.js');
  const app = await createApp(settings, new SystemClock(), logger);
  endOnDefect(app, logger);
  await listenOn(settings, 'PORT', settings.port, (host) =>
    app.listen({ port: settings.port, host, backlog: BACKLOG }),
  );
  // Garbage from starting is a third of the memory of an idle service, and V8 frees it only when asked to.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { address, port } = app.getHttpServer().address() as AddressInfo;
  logger.info({ host: address, port }, 'ready');
}

/** Longer than a normal close takes. */
const CLOSE_MS = 15_000;

/**
 * An uncaught exception or an unhandled rejection is a defect, after which the state of the process is unknown. It is
 * logged, requests are drained as on SIGTERM, and the process ends with 1, so that it is started again.
 */
function endOnDefect(app: INestApplication, logger: Logger): void {
  let isEnding = false;
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ err: error, origin }, 'a defect: the process ends');
    if (isEnding) return;
    isEnding = true;
    const end = () => process.exit(1);
    setTimeout(end, CLOSE_MS);
    app.close().then(end, end);
  });
}

try {
  await start();
} catch (error) {
  process.stderr.write(`${error instanceof StartError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
