import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { freePort } from './ports.js';
import { Program, until } from './process.js';

/** Lines of redis.conf by name; a repeated line has several values. */
export type RedisConfig = Record<string, string | string[]>;

/** The settings that docs/operations.md requires: no acknowledged write is lost. */
export const DURABLE: RedisConfig = { appendonly: 'yes', appendfsync: 'always' };

/** A Redis for one test, with its own port and directory. */
export class RedisServer {
  private constructor(
    readonly port: number,
    readonly dir: string,
    private readonly config: RedisConfig,
    private program: Program,
  ) {}

  static async start(config: RedisConfig = {}): Promise<RedisServer> {
    const port = await freePort();
    const dir = await mkdtemp(join(tmpdir(), 'pairing-redis-'));
    const tls = 'tls-cert-file' in config;
    const full = {
      [tls ? 'tls-port' : 'port']: String(port),
      bind: '127.0.0.1',
      dir,
      save: '',
      ...config,
    };
    const server = new RedisServer(port, dir, full, run(full));
    await server.ready();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Its log since the last start. */
  get log(): string {
    return this.program.output;
  }

  signal(signal: NodeJS.Signals): void {
    this.program.signal(signal);
  }

  /** Kills it, like a power cut. */
  async kill(): Promise<void> {
    await this.program.stop('SIGKILL');
  }

  /** Starts it again with its data. */
  async restart(): Promise<void> {
    this.program = run(this.config);
    await this.ready();
  }

  /** Sends one command, as an operator would with redis-cli. */
  async command(...args: string[]): Promise<unknown> {
    const { requirepass, 'tls-cert-file': certificate } = this.config;
    const socket = { host: '127.0.0.1', port: this.port };
    const client = createClient({
      socket: certificate
        ? { ...socket, tls: true, ca: await readFile(String(certificate)) }
        : socket,
      ...(requirepass !== undefined && { password: String(requirepass) }),
    });
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true });
  }

  private async ready(): Promise<void> {
    await until('Redis to be ready', () => {
      if (!this.program.running) throw new Error(`Redis ended:\n${this.log}`);
      return this.log.includes('Ready to accept connections');
    });
  }
}

function run(config: RedisConfig): Program {
  const args: string[] = [];
  for (const [name, values] of Object.entries(config)) {
    for (const value of [values].flat()) {
      args.push(`--${name}`);
      args.push(...(value === '' ? [''] : value.split(' ')));
    }
  }
  return new Program('redis-server', args);
}
