import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const INSTANCE = 'machine-1';

/** Nothing of this machine is touched: no module of cloud-init runs, and it sees no network. */
const CONFIG = `datasource_list: [NoCloud]
cloud_init_modules: []
`;

/**
 * Runs the local and the network stage of the real cloud-init on this user-data, in a sandbox, and leaves
 * what it made below `folder`/var/lib/cloud. `files` can be included as file:///seed/<name>.
 */
export async function stageWithCloudInit(
  folder: string,
  userData: string | Buffer,
  files: Record<string, string> = {},
): Promise<void> {
  const cloud = join(folder, 'var/lib/cloud');
  const seed = join(cloud, 'seed/nocloud');
  const shared = join(folder, 'seed');
  for (const each of [seed, shared]) mkdirSync(each, { recursive: true });
  writeFileSync(join(seed, 'meta-data'), `instance-id: ${INSTANCE}\n`);
  writeFileSync(join(seed, 'network-config'), 'version: 1\nconfig: disabled\n');
  writeFileSync(join(seed, 'user-data'), userData);
  writeFileSync(join(shared, 'config.yaml'), CONFIG);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(shared, name), content);
  const stage = 'cloud-init --file /tmp/seed/config.yaml init';
  const options =
    '--ro-bind / / --dev /dev --proc /proc --unshare-net --die-with-parent ' +
    '--tmpfs /run --tmpfs /tmp --tmpfs /var/log --tmpfs /var/lib ' +
    `--bind ${cloud} /var/lib/cloud --ro-bind ${shared} /tmp/seed`;
  const stages = `${stage} --local && ${stage}`;
  await promisify(execFile)('bwrap', [...options.split(' '), 'sh', '-c', stages]);
  const instance = join(cloud, 'instance'); // a link with an absolute path
  rmSync(instance);
  symlinkSync(`instances/${INSTANCE}`, instance);
}

/** Copies what was staged into the root of a machine. */
export function copyStage(from: string, root: string): void {
  cpSync(join(from, 'var'), join(root, 'var'), { recursive: true, verbatimSymlinks: true });
}
