import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A program that a machine runs. */
export interface Running {
  readonly process: ChildProcess;
  /** What it prints, once it has ended. */
  readonly console: Promise<string>;
}

/** A machine that boots with what µCernVM has: busybox, curl and nothing else. */
export interface Vm extends Running {
  /** The file of its context, which the boot script rewrites. */
  readonly userData: string;
}

/** The context of a machine, in amiconfig's format. */
export function contextOf(options: { pin: string; url: string; master?: boolean }): string {
  return `[example_section]
my_master_ip=###MASTER_IP_PLACEHOLDER###

[ucernvm-begin]
${options.master ? 'cvm_cluster_master=yes\n' : ''}cvm_cluster_pin=${options.pin}
cvm_service_url=${options.url}
[ucernvm-end]
`;
}

/** Makes the folder that is all the machine has: its commands, and its context in `user-data`. */
export function createMachine(folder: string, context: string | Buffer): string {
  const bin = join(folder, 'bin');
  const userData = join(folder, 'user-data');
  mkdirSync(bin, { recursive: true });
  execFileSync('busybox', ['--install', '-s', bin]);
  symlinkSync('/usr/bin/curl', join(bin, 'curl'));
  writeFileSync(userData, context);
  return userData;
}

/** Runs a script, with its arguments, in a machine's folder. */
export function runInMachine(folder: string, script: string[], env: NodeJS.ProcessEnv): Running {
  const bin = join(folder, 'bin');
  const child = spawn(join(bin, 'ash'), script, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: bin, ...env },
  });
  return { process: child, console: text(child.stdout) };
}
