import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A machine that boots with what µCernVM has: busybox, curl and nothing else. */
export interface Vm {
  /** Its context, which the boot script rewrites. */
  readonly userData: string;
  readonly process: ChildProcess;
  /** What it printed, once its boot has gone on. */
  readonly console: Promise<string>;
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

/** Runs a boot script in a folder that is all the machine has, its context beside it. */
export function bootVm(
  folder: string,
  context: string,
  script: string,
  env: NodeJS.ProcessEnv,
): Vm {
  const bin = join(folder, 'bin');
  const userData = join(folder, 'user-data');
  mkdirSync(bin, { recursive: true });
  execFileSync('busybox', ['--install', '-s', bin]);
  symlinkSync('/usr/bin/curl', join(bin, 'curl'));
  writeFileSync(userData, context);
  const boot = spawn(join(bin, 'ash'), [script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: bin, ...env },
  });
  return { userData, process: boot, console: text(boot.stdout) };
}
