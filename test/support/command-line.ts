import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { Program, until } from './process.js';
import { secrets } from './secrets.js';

/** What a command has printed and ended with. */
export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/**
 * The command line as a person has it: the one file, fetched into a folder of its own, with a home
 * folder in which nobody has signed in.
 */
export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), 'pairing-cli-'));
  readonly file = join(this.folder, 'cernvm-pairing');
  /** The environment of its commands; it holds nothing of the test's own. */
  readonly env: NodeJS.ProcessEnv;

  private readonly terminals: Terminal[] = [];

  constructor(env: NodeJS.ProcessEnv = {}) {
    copyFileSync('dist/cli/cernvm-pairing', this.file);
    this.env = { PATH: pathWithOldestNode(), HOME: this.folder, TERM: 'xterm', TZ: 'UTC', ...env };
  }

  /** Runs a command with its output on pipes, and `input` as its standard input. */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Promise<Result> {
    const options = { cwd: this.folder, env: { ...this.env, ...env } };
    const child = spawn(this.file, args, options);
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const code = child.exitCode ?? ((await once(child, 'close')) as [number | null])[0];
    secrets.output(`standard error of ${args[0]}`, () => stderr);
    return { stdout, stderr, code };
  }

  /** Starts a command whose output the test reads while it runs. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    return new Program(this.file, [...args], { ...this.env, ...env });
  }

  /** Starts a command on a terminal of 80 columns. */
  onTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): Terminal {
    const options = { cwd: this.folder, env: { ...this.env, ...env } };
    const terminal = new Terminal([this.file, ...args], options);
    this.terminals.push(terminal);
    return terminal;
  }

  /** A file of the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Ends what a failed test has left, too. */
  async close(): Promise<void> {
    for (const terminal of this.terminals) await terminal.kill();
    rmSync(this.folder, { recursive: true });
  }
}

/** A command on a pseudo-terminal. */
export class Terminal {
  /** All that the terminal was sent, with its control characters. */
  raw = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(command: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const line = `stty cols 80; exec ${command.map(quote).join(' ')}`;
    this.child = spawn('script', ['-qec', line, '/dev/null'], {
      ...options,
      env: { ...options.env, SHELL: '/bin/sh' },
    });
    this.child.stdout!.on('data', (chunk: Buffer) => (this.raw += chunk));
    this.ended = once(this.child, 'close');
  }

  /** What was printed, without colours and other control characters, lines ended by `\n`. */
  get text(): string {
    return stripVTControlCharacters(this.raw).replaceAll('\r\n', '\n');
  }

  /** Waits until this has been printed. */
  shows(words: string): Promise<void> {
    return until(`the terminal to show "${words}"`, () => {
      if (this.text.includes(words)) return true;
      if (this.child.exitCode === null) return false;
      throw new Error(`It ended with ${this.child.exitCode} and showed:\n${this.text}`);
    });
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.child.stdin!.write('\u0003');
  }

  /** Closes the terminal, by which its command is ended. */
  async kill(): Promise<void> {
    this.child.kill();
    await this.ended;
  }

  /** Waits for the end of the command; gives its exit code. */
  async end(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }
}

/** A Node of the oldest major version that is promised, if this machine has one; else the project's own. */
export const oldestNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (file) => existsSync(file) && versionOf(file).startsWith('v20.'),
);

function pathWithOldestNode(): string {
  const node = oldestNode ?? process.execPath;
  return `${join(node, '..')}:/usr/bin:/bin`;
}

function versionOf(file: string): string {
  return execFileSync(file, ['--version'], { encoding: 'utf8' });
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
