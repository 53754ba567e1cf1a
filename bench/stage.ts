import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issuePin } from '../dev/pairing-api.ts';
import { startDevelopmentService } from '../dev/service.ts';
import { waitFor } from '../dev/wait-for.ts';
import packageJson from '../package.json' with { type: 'json' };

const PIN_SECRET = 'for measurements only, nothing else';
/** Limits that the measurements themselves would reach. */
const UNLIMITED = {
  MAX_LIVE_PINS_PER_USER: '100000',
  MAX_PINS_PER_HOUR: '9999999',
  MAX_WAIT_SECONDS: '120',
};

/** How the image starts Node. */
const [, ...START] = packageJson.scripts['start:prod'].split(' ');
const IMAGE_ENV = { MALLOC_ARENA_MAX: '1' };

/** A server process. */
export interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The service, with a user who may issue PINs. */
export interface PairingService extends Server {
  /** A bearer token of this user. */
  readonly token: string;
  issuePin(): Promise<string>;
}

/** Starts the servers that measurements need, on its own ports and in its own folder, and stops them. */
export class Stage {
  private readonly running = new Set<Server>();
  private nextPort: number;
  private readonly folder: string;

  private constructor(nextPort: number, folder: string) {
    this.nextPort = nextPort;
    this.folder = folder;
  }

  /** Ports are counted from `port`. */
  static async open(port: number): Promise<Stage> {
    return new Stage(port, await mkdtemp(join(tmpdir(), 'pairing-bench-')));
  }

  /** A Redis that writes nothing to the disk. */
  async redis(): Promise<string> {
    const port = this.port();
    const redis = spawn('redis-server', ['--port', String(port), '--save', '']);
    redis.stdout.resume();
    this.keep(`redis://127.0.0.1:${port}`, redis);
    await once(redis.stdout, 'data');
    return `redis://127.0.0.1:${port}`;
  }

  /** The service and an identity provider, ready. */
  async service(env: NodeJS.ProcessEnv): Promise<PairingService> {
    const port = this.port(2);
    const service = await startDevelopmentService(port, this.env(port, env), {
      nodeArgs: START.slice(0, -1),
      stdio: ['ignore', 'ignore', 'inherit'],
      accessTokenSeconds: 24 * 3600,
    });
    const url = service.url.replace('localhost', '127.0.0.1');
    const server = this.keep(url, service.process, () => service.stop());
    if (!(await service.ready)) throw new Error('The service ended.');
    const token = await service.token('mcurie');
    return {
      ...server,
      token,
      issuePin: () => issuePin(url, token),
    };
  }

  /** Another replica, which issues no PINs, and the time until it was ready. */
  async replica(env: NodeJS.ProcessEnv): Promise<Server & { startMs: number }> {
    const port = this.port();
    return this.program(port, START, {
      ...this.env(port, env),
      PORT: String(port),
    });
  }

  /** The bare server, and the time until it was ready. */
  async bare(redisUrl?: string): Promise<Server & { startMs: number }> {
    const port = this.port();
    const args = ['bench/bare-server.js', String(port), ...(redisUrl ? [redisUrl] : [])];
    return this.program(port, args, process.env);
  }

  /** An etcd, if Debian's package `etcd-server` is installed; otherwise says how to install it. */
  async etcd(): Promise<Server | undefined> {
    const [clients, peers] = [this.port(), this.port()].map((port) => `http://127.0.0.1:${port}`);
    const args = {
      'data-dir': join(this.folder, 'etcd'),
      'listen-client-urls': clients,
      'advertise-client-urls': clients,
      'listen-peer-urls': peers,
      'initial-advertise-peer-urls': peers,
      'initial-cluster': `default=${peers}`,
    };
    const list = Object.entries(args).map(([name, value]) => `--${name}=${value}`);
    return this.peer('etcd', list, 'etcd-server', clients!, `${clients}/health`);
  }

  /** A NATS with JetStream, if Debian's package `nats-server` is installed; otherwise says how to install it. */
  async nats(): Promise<Server | undefined> {
    const [port, health] = [this.port(), this.port()];
    const place = ['--addr', '127.0.0.1', '--port', String(port), '--http_port', String(health)];
    const args = ['--jetstream', '--store_dir', join(this.folder, 'nats'), ...place];
    const url = `nats://127.0.0.1:${port}`;
    return this.peer('nats-server', args, 'nats-server', url, `http://127.0.0.1:${health}/healthz`);
  }

  private async peer(
    command: string,
    args: readonly string[],
    debianPackage: string,
    url: string,
    healthUrl: string,
  ): Promise<Server | undefined> {
    const child = spawn(command, args, { stdio: 'ignore' });
    const isThere = await once(child, 'spawn').then(
      () => true,
      () => false,
    );
    if (!isThere) {
      console.error(`${command} is not compared: install ${debianPackage} from Debian to have it.`);
      return undefined;
    }
    const server = this.keep(url, child);
    if (!(await waitFor(healthUrl, child, 5))) throw new Error(`${command} ended.`);
    return server;
  }

  async close(): Promise<void> {
    for (const server of this.running) await server.stop();
    await rm(this.folder, { recursive: true });
  }

  private async program(port: number, args: string[], env: NodeJS.ProcessEnv) {
    const start = performance.now();
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const url = `http://127.0.0.1:${port}`;
    const server = this.keep(url, child);
    if (!(await waitFor(`${url}/health/ready`, child, 5))) throw new Error(`${args[0]} ended.`);
    return { ...server, startMs: performance.now() - start };
  }

  private keep(url: string, child: ChildProcess, stop?: () => Promise<void>): Server {
    const ended = once(child, 'exit');
    const server: Server = {
      url,
      pid: child.pid!,
      stop: async () => {
        this.running.delete(server);
        if (stop) return stop();
        child.kill();
        await ended;
      },
    };
    this.running.add(server);
    return server;
  }

  private env(port: number, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      ...IMAGE_ENV,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      PIN_SECRET,
      DATA_DIR: join(this.folder, String(port)),
      METRICS_PORT: String(this.port()),
      ...UNLIMITED,
      ...env,
    };
  }

  private port(count = 1): number {
    this.nextPort += count;
    return this.nextPort - count;
  }
}
