import { execFile } from 'node:child_process';
import { lstatSync, mkdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const UNITS = ['cernvm-cluster-contextualization.service', 'cernvm-cluster-ready.service'];

const SCRIPTS = ['script/package-agents', 'script/boot-vms'];

describe('The installer', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'pairing-root-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const files = async () =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

  it('installs and enables both services, also a second time', async () => {
    for (let time = 0; time < 2; time++) await run('agents/install.sh', ['--root', root]);
    const [contextualization, ready] = UNITS;
    const wants = 'etc/systemd/system';
    expect(
      lstatSync(join(root, wants, `cloud-init.target.wants/${contextualization}`)).isSymbolicLink(),
    ).toBe(true);
    expect(lstatSync(join(root, wants, `multi-user.target.wants/${ready}`)).isSymbolicLink()).toBe(
      true,
    );
    expect(lstatSync(join(root, 'usr/lib/cernvm-cluster-pairing/contextualize')).mode & 0o777).toBe(
      0o755,
    );
  });

  it('removes all that it installed and not the configuration', async () => {
    await run('agents/install.sh', ['--root', root]);
    mkdirSync(join(root, 'etc/cernvm'));
    await writeFile(join(root, 'etc/cernvm/cluster-pairing.conf'), '');
    await run('agents/install.sh', ['--root', root, '--remove']);
    expect(await files()).toEqual(['etc/cernvm/cluster-pairing.conf']);
  });

  it('replaces the unit that announced masters only', async () => {
    const former = [
      'usr/lib/systemd/system/cernvm-master-ready.service',
      'etc/systemd/system/multi-user.target.wants/cernvm-master-ready.service',
    ];
    for (const file of former) {
      mkdirSync(join(root, file, '..'), { recursive: true });
      await writeFile(join(root, file), '');
    }
    await run('agents/install.sh', ['--root', root]);
    for (const file of former) expect(await files()).not.toContain(file);
  });

  it('puts the bootloader script and its library into the build tree of µCernVM', async () => {
    await expect(run('agents/install.sh', ['--ucernvm', root])).rejects.toThrow('no scripts.d');
    mkdirSync(join(root, 'scripts.d'));
    await run('agents/install.sh', ['--ucernvm', root]);
    expect(await files()).toContain('scripts.d/08clustercontext');
    expect(await files()).toContain(
      'packages.d/cluster-pairing/usr/lib/cernvm-cluster-pairing/ucernvm.sh',
    );
  });

  it('is what the Debian package holds', async () => {
    await run('script/package-agents', [root]);
    const [deb = ''] = await files();
    const listing = (await run('dpkg-deb', ['--contents', join(root, deb)])).stdout;
    for (const unit of UNITS) expect(listing).toContain(`./usr/lib/systemd/system/${unit}`);
    for (const line of listing.trim().split('\n')) expect(line).toContain(' root/root ');
  });
});

describe('The services', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'pairing-units-'));
    await run('agents/install.sh', ['--root', root]);
  });
  afterEach(() => rm(root, { recursive: true }));

  /** Stand-ins for cloud-init's units: the same order, and nothing to run. */
  const cloudInit = async (networkStage: string) => {
    const unit = async (name: string, ordering: string, run = true) =>
      writeFile(
        join(root, 'usr/lib/systemd/system', name),
        `[Unit]\n${ordering}\n${run ? '[Service]\nType=oneshot\nExecStart=/bin/true\n' : ''}`,
      );
    mkdirSync(join(root, 'bin'), { recursive: true });
    await writeFile(join(root, 'bin/true'), '#!/bin/sh\n', { mode: 0o755 });
    await unit(networkStage, 'Before=network-online.target\nDefaultDependencies=no');
    await unit('cloud-config.target', `Wants=${networkStage}\nAfter=${networkStage}`, false);
    await unit('network-online.target', '', false);
    await unit('basic.target', '', false);
    await unit('sysinit.target', '', false);
    await unit('shutdown.target', 'DefaultDependencies=no', false);
    await unit('multi-user.target', 'Wants=cloud-init.target', false);
    await unit(
      'cloud-config.service',
      'Wants=cloud-config.target\nAfter=network-online.target cloud-config.target',
    );
    await unit(
      'cloud-final.service',
      'After=network-online.target cloud-config.service multi-user.target',
    );
    await unit(
      'cloud-init.target',
      'Wants=cloud-config.service cloud-final.service\nAfter=multi-user.target',
      false,
    );
  };
  const verify = async () =>
    (
      await run('systemd-analyze', [
        `--root=${root}`,
        'verify',
        'multi-user.target',
        'cloud-init.target',
        ...UNITS,
      ]).catch((error: { stderr: string }) => error)
    ).stderr;

  it.each(['cloud-init.service', 'cloud-init-network.service'])(
    'fit in without an ordering cycle where the network stage is %s',
    async (networkStage) => {
      await cloudInit(networkStage);
      expect(await verify()).toBe('');
    },
  );

  it('are found to have a cycle if there is one', async () => {
    await cloudInit('cloud-init.service');
    const file = join(root, 'usr/lib/systemd/system', UNITS[0]!);
    const unit = await readFile(file, 'utf8');
    await writeFile(file, unit.replace('Before=', 'Before=cloud-init.service '));
    expect(await verify()).toContain('ordering cycle');
  });
});

describe('Every script', () => {
  it('passes shellcheck, for the shell of busybox and Debian', async () => {
    const entries = [
      'ucernvm/ucernvm.sh',
      'cloud-init/contextualize',
      'cloud-init/announce-ready',
      'command/cernvm-cluster',
    ];
    const agents = run('shellcheck', [
      '-x',
      '-s',
      'dash',
      ...entries.map((each) => `agents/${each}`),
    ]);
    const scripts = run('shellcheck', ['agents/install.sh', ...SCRIPTS]);
    // What it has to say is in the error that run would throw.
    await expect(Promise.all([agents, scripts])).resolves.toBeDefined();
  });
});
