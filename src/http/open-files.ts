import { readFileSync } from 'node:fs';

/**
 * How many files this process may open, a connection counting as one: proc_pid_limits(5) of Linux. Node has raised the
 * soft limit to the hard one at its start. Undefined where the system does not tell.
 */
export function openFileLimit(): number | undefined {
  try {
    const [, soft] =
      /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
