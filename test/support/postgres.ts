import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './ports.js';
import { Program, until } from './process.js';

/** Debian installs them outside PATH, in a folder for each version; the newest is last. */
const PROGRAMS = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1) ?? '';
/** PostgreSQL refuses to run as root, so root becomes this user. */
const UNPRIVILEGED = 'postgres';

/** A PostgreSQL for one test, with its own port and directory. */
export class PostgresServer {
  private constructor(
    readonly port: number,
    readonly dir: string,
    private program: Program,
  ) {}

  static async start(): Promise<PostgresServer> {
    const dir = await createFolder();
    execFileSync('cp', ['--archive', `${await template()}/.`, dir]);
    const port = await freePort();
    const server = new PostgresServer(port, dir, run(dir, port));
    await server.ready();
    return server;
  }

  /** The path of a program of PostgreSQL. */
  static program(name: string): string {
    return join(PROGRAMS, name);
  }

  /** What it logged since it was last started. */
  get log(): string {
    return this.program.output;
  }

  /** Settles when it has ended, with its exit code. */
  get ended(): Promise<number | null> {
    return this.program.ended;
  }

  get url(): string {
    return `postgres://pairing@127.0.0.1:${this.port}/pairing`;
  }

  /** Runs one statement, as an operator would with psql. */
  async query(statement: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client({ user: 'pairing', host: '127.0.0.1', port: this.port, database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Creates an empty database, and returns its URL. */
  async createDatabase(name: string): Promise<string> {
    await this.query(`CREATE DATABASE ${name}`);
    return this.url.replace(/pairing$/, name);
  }

  /** A backup of the database. */
  dump(): Buffer {
    return execFileSync(join(PROGRAMS, 'pg_dump'), [this.url], { maxBuffer: 1e9 });
  }

  /** Kills it, like a power cut. */
  async kill(): Promise<void> {
    await this.program.stop('SIGQUIT');
  }

  /** Starts it again with its data. */
  async restart(): Promise<void> {
    this.program = run(this.dir, this.port);
    await this.ready();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true });
  }

  private async ready(): Promise<void> {
    await until(
      'PostgreSQL to be ready',
      () => {
        if (!this.program.running) throw new Error(`PostgreSQL ended:\n${this.program.output}`);
        return this.program.output.includes('ready to accept connections');
      },
      60_000,
    );
  }
}

/** A folder of the user that PostgreSQL runs as. */
async function createFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pairing-postgres-'));
  if (process.getuid?.() === 0) {
    chownSync(dir, idOf('-u'), idOf('-g'));
    await chmod(dir, 0o700);
  }
  return dir;
}

/**
 * The data directory of a new server with an empty database. It is made once and kept, because initdb takes longer than
 * most tests.
 */
async function template(): Promise<string> {
  const [, version] = /(\d+)\/bin$/.exec(PROGRAMS) ?? [];
  const kept = join('node_modules/.cache', `postgresql-${version}`);
  if (existsSync(kept)) return kept;
  const dir = await createFolder();
  const execute = (program: string, args: string[], input = '') => {
    const [command, ...rest] = unprivileged(program, ...args);
    execFileSync(command!, rest, { cwd: tmpdir(), input, stdio: ['pipe', 'ignore', 'ignore'] });
  };
  execute('initdb', ['-D', dir, '-U', 'pairing', '--auth=trust', '--no-sync']);
  execute('postgres', ['--single', '-F', '-D', dir, 'postgres'], 'CREATE DATABASE pairing\n');
  await mkdir('node_modules/.cache', { recursive: true });
  const own = `${kept}.${process.pid}`;
  execFileSync('cp', ['--archive', dir, own]);
  await rm(dir, { recursive: true });
  try {
    await rename(own, kept);
  } catch {
    await rm(own, { recursive: true }); // another test file has just made it
  }
  return kept;
}

function run(dir: string, port: number): Program {
  const [command, ...args] = unprivileged(
    'postgres',
    '-D',
    dir,
    '-p',
    `${port}`,
    '-h',
    '127.0.0.1',
    '-k',
    '',
    '-F',
  );
  return new Program(command!, args);
}

/** The command line of a program of PostgreSQL. */
function unprivileged(program: string, ...args: string[]): string[] {
  const command = [join(PROGRAMS, program), ...args];
  if (process.getuid?.() !== 0) return command;
  // setpriv executes the program in its place, so that a signal reaches it.
  const become = ['--reuid', UNPRIVILEGED, '--regid', UNPRIVILEGED, '--init-groups'];
  return ['setpriv', ...become, ...command];
}

function idOf(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, UNPRIVILEGED], { encoding: 'utf8' }));
}
