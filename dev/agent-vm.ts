import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createMachine, type Running, runInMachine, type Vm } from './vm.ts';

const LIB = 'usr/lib/cernvm-cluster-pairing';

/** A machine with our agent. */
export interface AgentVm extends Vm {
  /** Says that its operating system has booted, as its unit does at the end of the boot. */
  announceReady(): Running;
}

/** Boots a machine of this name with our agent in its µCernVM bootloader, in a folder that is its root. */
export function bootAgentVm(folder: string, context: string, name: string): AgentVm {
  const userData = createMachine(folder, context);
  execFileSync('agents/install.sh', ['--root', folder]);
  execFileSync('cp', ['agents/ucernvm/ucernvm.sh', join(folder, LIB)]);
  const kept = join(folder, 'mnt/.rw/context');
  mkdirSync(kept, { recursive: true });
  const init = join(folder, 'init');
  // The bootloader keeps the context for the operating system, as here at the end.
  writeFileSync(
    init,
    `${scriptletAsBuilt()}\necho 'boot goes on'\ncp ${userData} ${kept}/user-data\n`,
  );
  const env = { PAIRING_INTERFACE: anInterface(), PAIRING_NAME: name };
  return {
    ...runAgent(folder, [init], env),
    userData,
    announceReady: () => runAgent(folder, [join(folder, LIB, 'announce-ready')], env),
  };
}

/** Runs the command cernvm-cluster in a machine. */
export function clusterCommand(folder: string, args: readonly string[]): Running {
  return runAgent(folder, [join(folder, 'usr/bin/cernvm-cluster'), ...args]);
}

function runAgent(folder: string, script: string[], env: NodeJS.ProcessEnv = {}): Running {
  const patience = { PAIRING_PAUSE: '1', PAIRING_JITTER: '0' };
  return runInMachine(folder, script, { PAIRING_ROOT: folder, ...patience, ...env });
}

/** What µCernVM's build makes of our scriptlet: the lines for run time, trimmed, without comments. */
export function scriptletAsBuilt(): string {
  const [, run = ''] = readFileSync('agents/ucernvm/08clustercontext', 'utf8').split('#FOR:RUN');
  const lines = run.split('\n').map((line) => line.trim());
  return lines.filter((line) => line && !line.startsWith('#')).join('\n');
}

/** An interface that has an address, which a machine without a network has on `lo` only. */
function anInterface(): string {
  return Object.keys(networkInterfaces()).find((name) => name !== 'lo') ?? 'lo';
}
