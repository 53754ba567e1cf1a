import type { AddressInfo } from 'node:net';
import { createApp } from './app.setup.js';
import { SystemClock } from './clock/clock.js';
import { readSettings } from './config/read-settings.js';
import { cannotListen, StartError } from './errors/start-error.js';
import { createLogger } from './logging/logger.js';

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const logger = createLogger(settings);
  const app = await createApp(settings, new SystemClock(), logger);
  // What loading leaves behind is a fifth of all an idle service holds, and V8 gives it back only when told.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  await app.listen(settings.port, settings.host).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen('PORT', settings.host, settings.port, error);
  });
  const { port } = app.getHttpServer().address() as AddressInfo;
  logger.info({ host: settings.host, port }, 'ready');
}

try {
  await start();
} catch (error) {
  process.stderr.write(`${error instanceof StartError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
