import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

declare global {
  /** The programs that run. `environment.js` kills them at the end of a test file. */
  var startedPrograms: Set<ChildProcess>;
}
globalThis.startedPrograms ??= new Set();

/** A program that a test started, with its output. */
export class Program {
  /** Standard output and standard error, interleaved. */
  output = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(command: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
    this.child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk));
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
    const { startedPrograms } = globalThis;
    startedPrograms.add(this.child);
    this.child.once('exit', () => startedPrograms.delete(this.child));
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Sends a signal and waits for the end. Returns the exit code, or null if the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.running) this.child.kill(signal);
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Polls a condition until it is true. Throws an error that names it when it takes too long. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Timed out waiting for: ${what}`);
    await delay(20);
  }
}
