import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloudInitCommand } from '../support/cloud-init.js';

const INSTANCE = 'machine-1';

/** Nothing of this machine is touched: no module of cloud-init runs, and it sees no network. */
const CONFIG = `datasource_list: [NoCloud]
cloud_init_modules: []
`;

/** What a machine is started with. `files` can be included as file:///tmp/seed/<name>. */
export interface Start {
  readonly userData: string | Buffer;
  readonly files?: Record<string, string>;
}

/**
 * Runs the local and the network stage of the real cloud-init for these machines, one after the other in a sandbox, and
 * leaves what it made for each below `folder`/<name>/var/lib/cloud.
 */
export async function stageWithCloudInit(
  folder: string,
  machines: Readonly<Record<string, Start>>,
): Promise<void> {
  for (const [name, start] of Object.entries(machines)) prepare(join(folder, name), start);
  const stage = 'cloud-init --file /tmp/seed/config.yaml init';
  const stages = Object.keys(machines).flatMap((name) => [
    `ln -sfn /tmp/machines/${name}/var/lib/cloud /var/lib/cloud`,
    `ln -sfn /tmp/machines/${name}/seed /tmp/seed`,
    'rm -rf /run/*',
    `${stage} --local`,
    stage,
  ]);
  const options =
    '--ro-bind / / --dev /dev --proc /proc --unshare-net --die-with-parent ' +
    '--tmpfs /run --tmpfs /tmp --tmpfs /var/log --tmpfs /var/lib ' +
    `--bind ${folder} /tmp/machines`;
  await promisify(execFile)('bwrap', [...options.split(' '), ...cloudInitCommand(...stages)]);
  for (const name of Object.keys(machines)) {
    const instance = join(folder, name, 'var/lib/cloud/instance'); // a link with an absolute path
    rmSync(instance);
    symlinkSync(`instances/${INSTANCE}`, instance);
  }
}

function prepare(machine: string, { userData, files = {} }: Start): void {
  const seed = join(machine, 'var/lib/cloud/seed/nocloud');
  const shared = join(machine, 'seed');
  for (const each of [seed, shared]) mkdirSync(each, { recursive: true });
  writeFileSync(join(seed, 'meta-data'), `instance-id: ${INSTANCE}\n`);
  writeFileSync(join(seed, 'network-config'), 'version: 1\nconfig: disabled\n');
  writeFileSync(join(seed, 'user-data'), userData);
  writeFileSync(join(shared, 'config.yaml'), CONFIG);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(shared, name), content);
}

/** Copies what was staged into the root of a machine. */
export function copyStage(from: string, root: string): void {
  cpSync(join(from, 'var'), join(root, 'var'), { recursive: true, verbatimSymlinks: true });
}
