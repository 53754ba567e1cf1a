import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A shell that the agents must run in. */
export interface Shell {
  readonly command: readonly string[];
  /** Whether it has no commands but its own and curl, as in µCernVM. */
  readonly alone?: boolean;
  readonly toString: () => string;
}

export const shells: readonly Shell[] = [
  { command: ['/bin/busybox', 'ash'], alone: true, toString: () => 'busybox ash' },
  { command: ['/bin/dash'], toString: () => 'dash' },
  { command: ['/bin/bash', '--posix'], toString: () => 'bash' },
];

/** The PATH for a shell; what it needs is put into a folder of this machine. */
export function pathFor(shell: Shell, folder: string): string {
  if (!shell.alone) return '/usr/sbin:/usr/bin:/sbin:/bin';
  mkdirSync(folder);
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) symlinkSync('/bin/busybox', join(folder, applet));
  symlinkSync('/usr/bin/curl', join(folder, 'curl'));
  return folder;
}

/** In the place of `it` for what depends little on the shell, and is tested in one of them. */
export const untested = Object.assign((_name: string, _test: () => unknown) => undefined, {
  each: (_cases: readonly unknown[]) => (_name: string, _test: unknown) => undefined,
});
