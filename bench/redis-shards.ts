import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';

const SLOTS = 16_384;

/** A Redis Cluster of primaries that write nothing to the disk. */
export class RedisShards {
  private readonly folder: string;
  private readonly ports: readonly number[];
  private readonly processes: readonly ChildProcess[];

  private constructor(folder: string, ports: number[], processes: ChildProcess[]) {
    this.folder = folder;
    this.ports = ports;
    this.processes = processes;
  }

  static async start(firstPort: number, count: number): Promise<RedisShards> {
    const folder = await mkdtemp(join(tmpdir(), 'pairing-shards-'));
    const ports = Array.from({ length: count }, (_, n) => firstPort + n);
    const processes = ports.map((port) => {
      const settings = { port, 'cluster-port': port + count, dir: folder, save: '' };
      const cluster = { 'cluster-enabled': 'yes', 'cluster-config-file': `${port}.conf` };
      const args = Object.entries({ ...settings, ...cluster }).flatMap(([name, value]) => [
        `--${name}`,
        String(value),
      ]);
      return spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    });
    for (const { stdout } of processes) await once(stdout, 'data');
    for (const { stdout } of processes) stdout.resume();
    const shards = new RedisShards(folder, ports, processes);
    await shards.form();
    return shards;
  }

  get url(): string {
    return `redis+cluster://${this.ports.map((port) => `127.0.0.1:${port}`).join(',')}`;
  }

  get pids(): number[] {
    return this.processes.map(({ pid }) => pid!);
  }

  async stop(): Promise<void> {
    for (const process of this.processes) {
      process.kill('SIGKILL');
      await once(process, 'exit');
    }
    await rm(this.folder, { recursive: true });
  }

  private async form(): Promise<void> {
    const [first] = this.ports;
    const share = Math.ceil(SLOTS / this.ports.length);
    for (const [n, port] of this.ports.entries()) {
      const last = Math.min((n + 1) * share, SLOTS) - 1;
      await command(port, 'CLUSTER', 'SET-CONFIG-EPOCH', `${n + 1}`);
      await command(port, 'CLUSTER', 'ADDSLOTSRANGE', `${n * share}`, `${last}`);
      const bus = `${first! + this.ports.length}`;
      await command(port, 'CLUSTER', 'MEET', '127.0.0.1', `${first}`, bus);
    }
    for (const port of this.ports) {
      while (!String(await command(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok')) {
        await delay(50);
      }
    }
  }
}

async function command(port: number, ...args: string[]): Promise<unknown> {
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  await client.connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}
