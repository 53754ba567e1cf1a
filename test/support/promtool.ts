import { spawnSync } from 'node:child_process';

/** The output of Prometheus's own tool, whether it succeeds or fails. */
export function promtool(...args: string[]): string {
  const { stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return stdout + stderr;
}
