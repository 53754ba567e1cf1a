import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { freePort } from './ports.js';
import { Program, until } from './process.js';

/** Lines of redis.conf by their name; a line that comes several times has several values. */
export type RedisConfig = Record<string, string | string[]>;

/** The settings that the service asks for: nothing acknowledged is lost. */
export const DURABLE: RedisConfig = { appendonly: 'yes', appendfsync: 'always' };

/** A Redis of a test's own: its port and its directory are nobody else's. */
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

  /** What it has logged since it was last started. */
  get log(): string {
    return this.program.output;
  }

  signal(signal: NodeJS.Signals): void {
    this.program.signal(signal);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.program.stop('SIGKILL');
  }

  /** Starts it again, with the data it had. */
  async restart(): Promise<void> {
    this.program = run(this.config);
    await this.ready();
  }

  /** Sends one command, as an operator would with redis-cli. */
  async command(...args: string[]): Promise<unknown> {
    const client = createClient({ url: this.url });
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
