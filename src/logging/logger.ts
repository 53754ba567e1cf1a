import { type Logger, pino } from 'pino';
import type { Settings } from '../config/settings.js';

/** JSON lines in production, lines for people elsewhere. */
export async function createLogger({ production, logLevel }: Settings): Promise<Logger> {
  const options = { level: logLevel, base: null };
  if (production) return pino(options);
  const { build } = await import('pino-pretty'); // not loaded in production, where it would only take memory
  return pino(options, build({ ignore: 'pid,hostname', sync: true }));
}
