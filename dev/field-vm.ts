import { join } from 'node:path';
import { bootVm, type Vm } from './vm.ts';

/** Boots a machine as the images in the field do. Pauses between tries are of one second. */
export function bootFieldVm(folder: string, context: string, env: NodeJS.ProcessEnv = {}): Vm {
  return bootVm(folder, context, join(import.meta.dirname, 'field-vm.sh'), {
    USER_DATA: join(folder, 'user-data'),
    PAUSE: '1',
    JITTER: '1',
    ...env,
  });
}
