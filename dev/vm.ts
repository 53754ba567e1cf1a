import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** Makes the folder of a machine, with its context in `user-data`. */
export function createMachine(folder: string, context: string | Buffer): string {
  const userData = join(folder, 'user-data');
  mkdirSync(folder, { recursive: true });
  writeFileSync(userData, context);
  return userData;
}

/** The commands of the machines whose folders are beside this one: hundreds of links, which are made once for all. */
function commandsOf(folder: string): string {
  const commands = join(dirname(folder), 'commands');
  if (!existsSync(commands)) {
    mkdirSync(commands);
    execFileSync('busybox', ['--install', '-s', commands]);
    symlinkSync('/usr/bin/curl', join(commands, 'curl'));
  }
  return commands;
}

/** Runs a script, with its arguments, in a machine's folder. */
export function runInMachine(folder: string, script: string[], env: NodeJS.ProcessEnv): Running {
  const commands = commandsOf(folder);
  const child = spawn(join(commands, 'ash'), script, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: commands, ...env },
  });
  return { process: child, console: text(child.stdout) };
}
