import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { Program, until } from './process.js';
import { type RedisConfig, RedisServer } from './redis.js';

const MASTER_NAME = 'pairing';

/** A primary, a replica, and three sentinels that watch them. */
export class SentinelGroup {
  private constructor(
    readonly primary: RedisServer,
    readonly replica: RedisServer,
    private readonly dir: string,
    private readonly ports: number[],
    private readonly sentinels: Program[],
  ) {}

  /** `password` is that of Redis; the sentinels have none. */
  static async start(config: RedisConfig = {}, password = ''): Promise<SentinelGroup> {
    const access = password ? { requirepass: password, masterauth: password } : {};
    const common = { 'repl-diskless-sync-delay': '0', ...access, ...config };
    const primary = await RedisServer.start(common);
    const replica = await RedisServer.start({
      ...common,
      replicaof: `127.0.0.1 ${primary.port}`,
    });
    await until('the replica to follow', () => replica.log.includes('Finished with success'));

    const dir = await mkdtemp(join(tmpdir(), 'pairing-sentinels-'));
    const ports = [await freePort(), await freePort(), await freePort()];
    const sentinels = await Promise.all(
      ports.map(async (port) => {
        const file = join(dir, `${port}.conf`); // sentinels rewrite it
        const lines = [
          `port ${port}`,
          'bind 127.0.0.1',
          `dir ${dir}`,
          `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${primary.port} 2`,
          `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
          `sentinel failover-timeout ${MASTER_NAME} 5000`,
          ...(password ? [`sentinel auth-pass ${MASTER_NAME} ${password}`] : []),
        ];
        await writeFile(file, lines.join('\n'));
        return new Program('redis-server', [file, '--sentinel']);
      }),
    );
    const group = new SentinelGroup(primary, replica, dir, ports, sentinels);
    await until('the sentinels to know all', () =>
      // Two other sentinels and one replica.
      sentinels.every(({ output }) => (output.match(/\+(sentinel|slave) /g) ?? []).length >= 3),
    );
    return group;
  }

  url(access = ''): string {
    const nodes = this.ports.map((port) => `127.0.0.1:${port}`).join(',');
    return `redis+sentinel://${access}${nodes}/${MASTER_NAME}`;
  }

  /** What the sentinels have logged. */
  get log(): string {
    return this.sentinels.map(({ output }) => output).join('');
  }

  async stop(): Promise<void> {
    await Promise.all(this.sentinels.map((sentinel) => sentinel.stop('SIGKILL')));
    await Promise.all([this.primary.stop(), this.replica.stop()]);
    await rm(this.dir, { recursive: true });
  }
}
