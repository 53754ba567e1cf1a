import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMachine, runInMachine, type Running, type Vm } from './vm.ts';

/** A machine of an image in the field. Its bootloader runs at once, the operating system when told. */
export interface FieldVm extends Vm {
  /** The user-data that cloud-init has stored, which the operating system of a worker rewrites. */
  readonly instanceData: string;
  /** Runs the worker's program of the operating system, which fetches the address once more. */
  contextualize(): Running;
  /** Runs the master's program of the operating system, which announces it as ready. */
  announceReady(): Running;
}

/** Boots a machine as the images in the field do; `second` is how long one of their seconds lasts. */
export function bootFieldVm(
  folder: string,
  context: string | Buffer,
  { second = 0.04 }: { second?: number } = {},
): FieldVm {
  const userData = createMachine(folder, context);
  const instance = join(folder, 'var/lib/cloud/instance');
  const instanceData = join(instance, 'user-data.txt');
  mkdirSync(instance, { recursive: true });
  writeFileSync(instanceData, context);
  const run = (program: string) =>
    runInMachine(folder, [join(import.meta.dirname, 'field-vm.sh'), program], {
      FIELD_ROOT: folder,
      FIELD_SECOND: String(second),
    });
  return {
    ...run('bootloader'),
    userData,
    instanceData,
    contextualize: () => run('contextualize'),
    announceReady: () => run('announce-ready'),
  };
}
