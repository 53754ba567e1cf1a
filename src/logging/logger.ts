import { type DestinationStream, type Logger, pino } from 'pino';
import { build } from 'pino-pretty';
import type { Settings } from '../config/settings.js';

/** JSON lines in production, lines for people elsewhere. */
export function createLogger({ production, logLevel }: Settings): Logger {
  const options = { level: logLevel, base: null };
  if (production) return pino(options);
  const pretty: DestinationStream = build({ ignore: 'pid,hostname', sync: true });
  return pino(options, pretty);
}
