import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A machine that boots as the images in the field do: busybox, curl and nothing else. */
export interface FieldVm {
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

/** Boots a machine in a folder of its own. Pauses between tries are of one second. */
export function bootFieldVm(folder: string, context: string, env: NodeJS.ProcessEnv = {}): FieldVm {
  const bin = join(folder, 'bin');
  const userData = join(folder, 'user-data');
  mkdirSync(bin, { recursive: true });
  execFileSync('busybox', ['--install', '-s', bin]);
  symlinkSync('/usr/bin/curl', join(bin, 'curl'));
  writeFileSync(userData, context);
  const boot = spawn(join(bin, 'ash'), [join(import.meta.dirname, 'field-vm.sh')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: bin, USER_DATA: userData, PAUSE: '1', JITTER: '1', ...env },
  });
  return { userData, process: boot, console: text(boot.stdout) };
}
