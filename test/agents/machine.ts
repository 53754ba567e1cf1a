import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scriptletAsBuilt } from '../../dev/agent-vm.js';
import { Program } from '../support/process.js';
import { pathFor, type Shell } from './shells.js';

/** As patient as a test is: what takes minutes in the field takes moments here. */
const IMPATIENT = { BUDGET: 15, TRIES: 2, PAUSE: 0, JITTER: 0, WAIT: 1, INTERFACE: 'lo' };

export const PLACEHOLDER = '###MASTER_IP_PLACEHOLDER###';
export type Settings = Record<string, string | number>;

/** The file tree of a machine with the agent in it, in which its scripts are run. */
export class Machine {
  private constructor(
    private readonly shell: Shell,
    readonly root: string,
    readonly path = pathFor(shell, join(root, 'applets')),
  ) {}

  static async create(shell: Shell): Promise<Machine> {
    const machine = new Machine(shell, await mkdtemp(join(tmpdir(), 'pairing-machine-')));
    execFileSync('agents/install.sh', ['--root', machine.root]);
    cpSync('agents/ucernvm/ucernvm.sh', machine.file(`${LIB}/ucernvm.sh`));
    machine.configure();
    return machine;
  }

  /** Makes it as new for the next test; installing it takes longer than most of them. */
  async reset(): Promise<void> {
    const installed = new Set(['usr', 'applets']);
    const files = (await readdir(this.root)).filter((name) => !installed.has(name));
    await Promise.all(files.map((name) => rm(this.file(name), { recursive: true })));
    this.configure();
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true });
  }

  file(path: string): string {
    return join(this.root, path);
  }

  write(path: string, content: string | Buffer, mode = 0o600): void {
    mkdirSync(dirname(this.file(path)), { recursive: true });
    writeFileSync(this.file(path), content, { mode });
  }

  read(path: string): string {
    return readFileSync(this.file(path), 'utf8');
  }

  /** Writes the configuration file: what is given, over what a test needs. */
  configure(settings: Settings = {}): void {
    const lines = Object.entries({ ...IMPATIENT, ...settings });
    this.write(CONF, lines.map(([name, value]) => `PAIRING_${name}=${value}\n`).join(''));
  }

  /** Puts a program of this name before those of the machine; gives the environment in which it is found. */
  stub(name: string, script: string): NodeJS.ProcessEnv {
    this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
    return { PATH: `${this.file('bin')}:${this.path}` };
  }

  /** Boots as µCernVM does: its init fetched this context and runs the scriptlet. Gives the console. */
  async bootMicroCernVM(context: string | Buffer, fields: Settings = {}): Promise<string> {
    this.write('user-data', context);
    const known = Object.entries(fields).map(([name, value]) => `_UCONTEXT_${name}='${value}'\n`);
    this.write('init', `SILENT=0\n${known.join('')}${scriptletAsBuilt()}\necho 'boot goes on'\n`);
    return (await this.run('init')).console;
  }

  /** Runs one of the scripts that systemd starts. */
  runService(script: 'contextualize' | 'announce-ready', env: NodeJS.ProcessEnv = {}) {
    return this.run(`${LIB}/${script}`, env);
  }

  /** Runs the command cernvm-cluster. */
  runCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    return this.run('usr/bin/cernvm-cluster', env, args);
  }

  /** Runs shell code with the library at hand. */
  runCode(code: string, env: NodeJS.ProcessEnv = {}) {
    this.write('code', `. "$PAIRING_ROOT/${LIB}/pairing.sh"\nload_settings\n${code}\n`);
    return this.run('code', env);
  }

  private async run(script: string, env: NodeJS.ProcessEnv = {}, operands: readonly string[] = []) {
    const [command = '', ...args] = this.shell.command;
    const program = new Program(command, [...args, this.file(script), ...operands], {
      PATH: this.path,
      PAIRING_ROOT: this.root,
      ...env,
    });
    const code = await program.ended;
    return { console: program.output, code };
  }
}

const LIB = 'usr/lib/cernvm-cluster-pairing';
const CONF = 'etc/cernvm/cluster-pairing.conf';

/** A context as a user writes it; `more` goes into its ucernvm block. */
export function contextOf(pin: string, url: string, ...more: string[]): string {
  return `[example_section]
my_master_ip=${PLACEHOLDER}

[ucernvm-begin]
${[`cvm_cluster_pin=${pin}`, `cvm_service_url=${url}`, ...more].join('\n')}
cvmfs_branch=cernvm-sl7.cern.ch
[ucernvm-end]
`;
}

export const AS_MASTER = 'cvm_cluster_master=yes';
