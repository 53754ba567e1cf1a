import type { AddressInfo } from 'node:net';
import { createApp } from './app.setup.js';
import { SystemClock } from './clock/clock.js';
import { readSettings } from './config/read-settings.js';
import type { Settings } from './config/settings.js';
import { StartError } from './errors/start-error.js';
import { createLogger } from './logging/logger.js';

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const logger = createLogger(settings);
  const app = await createApp(settings, new SystemClock(), logger);
  await app.listen(settings.port, settings.host).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(settings, error);
  });
  const { port } = app.getHttpServer().address() as AddressInfo;
  logger.info({ host: settings.host, port }, 'ready');
}

function cannotListen(
  { host, port }: Settings,
  { code, message }: NodeJS.ErrnoException,
): StartError {
  if (code === 'EADDRINUSE') {
    return new StartError(`Port ${port} of ${host} is in use: stop what uses it, or set PORT.`);
  }
  return new StartError(`Cannot listen on port ${port} of ${host}: ${message}.`);
}

try {
  await start();
} catch (error) {
  process.stderr.write(`${error instanceof StartError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
