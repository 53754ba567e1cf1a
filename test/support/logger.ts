import { type Logger, pino } from 'pino';
import { secrets } from './secrets.js';

/** The log of a service in the test's process, at every level; it is searched for secrets at the end. */
export function searchedLogger(listen: (line: string) => void = () => undefined): Logger {
  const lines: string[] = [];
  secrets.output('the log of a service', () => lines.join(''));
  const write = (line: string) => {
    lines.push(line);
    listen(line);
  };
  return pino({ level: 'trace' }, { write });
}
