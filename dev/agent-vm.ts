import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createMachine, runInMachine, type Vm } from './vm.ts';

const LIB = 'usr/lib/cernvm-cluster-pairing';

/** Boots a machine with our agent in its µCernVM bootloader, in a folder that is its root. */
export function bootAgentVm(folder: string, context: string): Vm {
  const userData = createMachine(folder, context);
  execFileSync('agents/install.sh', ['--root', folder]);
  execFileSync('cp', ['agents/ucernvm/ucernvm.sh', join(folder, LIB)]);
  const init = join(folder, 'init');
  writeFileSync(init, `${scriptletAsBuilt()}\necho 'boot goes on'\n`);
  const boot = runInMachine(folder, [init], {
    PAIRING_ROOT: folder,
    PAIRING_INTERFACE: anInterface(),
    PAIRING_PAUSE: '1',
    PAIRING_JITTER: '0',
  });
  return { ...boot, userData };
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
