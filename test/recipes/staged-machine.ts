import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cloudInitCommand } from '../support/cloud-init.js';
import { Program } from '../support/process.js';

/** The modules of Debian's cloud.cfg that a recipe uses, in its order. The others would change the host's disks and users. */
const CLOUD_CONFIG = `
datasource_list: [NoCloud]
datasource: {NoCloud: {fs_label: null}}
network: {config: disabled}
users: []
disable_root: false
cloud_init_modules: [write-files]
cloud_config_modules: [runcmd]
cloud_final_modules: [package-update-upgrade-install, write-files-deferred, scripts-user]
`;
/** As the agent waits in a test. */
const AGENT_CONFIG =
  'PAIRING_BUDGET=20\nPAIRING_TRIES=3\nPAIRING_PAUSE=1\nPAIRING_JITTER=0\nPAIRING_INTERFACE=lo\n';
/** Where the agent and a second view of cloud-init's files are in the machine. */
const AGENT = '/opt/agent';
const CALLS = 'var/log/calls';

/**
 * A machine that boots through the stages of the real cloud-init, with our agent between them, in a sandbox
 * with files of its own. Programs that a recipe starts and this host lacks are replaced by ones that only
 * note how they were called.
 */
export class StagedMachine {
  private readonly root = mkdtempSync(join(tmpdir(), 'pairing-staged-'));

  constructor(context: string, stubs: Readonly<Record<string, string>>) {
    for (const folder of [
      'local/bin',
      'local/sbin',
      'local/stubs',
      'etc/cloud',
      'etc/default',
      'var/lib/cloud',
      'var/log',
      'run',
      'tmp',
      'root',
      'srv',
      'home',
    ])
      mkdirSync(this.path(folder), { recursive: true });
    for (const name of [
      'passwd',
      'group',
      'shadow',
      'hosts',
      'resolv.conf',
      'nsswitch.conf',
      'os-release',
      'ssl',
      'alternatives',
      'ld.so.cache',
    ])
      if (existsSync(`/etc/${name}`)) execFileSync('cp', ['-aL', `/etc/${name}`, this.path('etc')]);
    execFileSync('cp', ['-a', '/etc/cloud/templates', this.path('etc/cloud')]);
    this.write(
      'etc/cloud/cloud.cfg',
      `${CLOUD_CONFIG}system_info: {distro: debian, paths: {cloud_dir: /var/lib/cloud/, templates_dir: /etc/cloud/templates/}}\n`,
    );
    this.write('var/lib/cloud/seed/nocloud/user-data', context);
    this.write(
      'var/lib/cloud/seed/nocloud/meta-data',
      'instance-id: staged\nlocal-hostname: node\n',
    );
    for (const [name, body] of Object.entries(stubs))
      this.write(`local/stubs/${name}`, `#!/bin/sh\n${body}\n`, 0o755);
    execFileSync('agents/install.sh', ['--root', this.path('agent')]);
    this.write('agent/etc/cernvm/cluster-pairing.conf', AGENT_CONFIG);
    mkdirSync(this.path('agent/var/lib/cloud'), { recursive: true });
  }

  /** Boots it to the end of the final stage; fails with all that it printed if a stage fails. */
  async boot(): Promise<void> {
    const stages = [
      'cloud-init init --local',
      'cloud-init init',
      `sh ${AGENT}/usr/lib/cernvm-cluster-pairing/contextualize`,
      'cloud-init modules --mode=config',
      'cloud-init modules --mode=final',
    ];
    await this.run(...cloudInitCommand(...stages));
  }

  /** Announces it as ready, as the unit after the final stage does. */
  async announceReady(): Promise<void> {
    await this.run('sh', `${AGENT}/usr/lib/cernvm-cluster-pairing/announce-ready`);
  }

  /** Runs a command in it; gives what it printed. */
  async run(...command: string[]): Promise<string> {
    const program = new Program('bwrap', [...this.sandbox(), ...command], {
      PATH: `${AGENT}/usr/bin:/usr/local/stubs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: '/root',
      PAIRING_ROOT: AGENT,
    });
    const code = await program.ended;
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${program.output}`);
    return program.output;
  }

  /** Runs a script that a person types in it. */
  runScript(script: string, ...args: string[]): Promise<string> {
    this.write('root/script', script);
    return this.run('sh', '/root/script', ...args);
  }

  /** A file of the machine; empty when there is none. */
  read(path: string): string {
    const file = this.path(path);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** How the replaced programs were called, a line each. */
  get calls(): string[] {
    return this.read(CALLS).trim().split('\n');
  }

  close(): void {
    rmSync(this.root, { recursive: true });
  }

  private path(path: string): string {
    return join(this.root, path);
  }

  private write(path: string, content: string, mode = 0o600): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content, { mode });
  }

  private sandbox(): string[] {
    const links = ['bin', 'lib', 'lib64', 'sbin'].flatMap((name) => [
      '--symlink',
      `usr/${name}`,
      `/${name}`,
    ]);
    const own = ['etc', 'var', 'run', 'tmp', 'root', 'srv', 'home'].flatMap((name) => [
      '--bind',
      this.path(name),
      `/${name}`,
    ]);
    const mounts = `--unshare-pid --die-with-parent --ro-bind /usr /usr --proc /proc --dev /dev --ro-bind /sys /sys`;
    const second = ['--bind', this.path('var/lib/cloud'), `${AGENT}/var/lib/cloud`];
    const local = ['--bind', this.path('local'), '/usr/local'];
    const agent = ['--bind', this.path('agent'), AGENT];
    return [...mounts.split(' '), ...links, ...own, ...local, ...agent, ...second];
  }
}

/** A program that notes its name and arguments, and does nothing. */
export const NOTED = `echo "$(basename "$0") $*" >>/${CALLS}`;
