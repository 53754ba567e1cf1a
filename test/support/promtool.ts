import { spawnSync } from 'node:child_process';

/** What Prometheus's own tool says, of files or of what it reads; all of it, whether it liked them or not. */
export function promtool(...args: string[]): string {
  const { stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return stdout + stderr;
}
