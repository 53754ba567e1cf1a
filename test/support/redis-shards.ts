import { freePort } from './ports.js';
import { until } from './process.js';
import { type RedisConfig, RedisServer } from './redis.js';

const SLOTS = 16_384;

/** A server with the port for the other nodes. */
type Node = RedisServer & { readonly busPort: number };

/** A Redis Cluster: primaries that share the slots evenly, and as many replicas of each. */
export class RedisShards {
  private constructor(
    readonly primaries: readonly Node[],
    readonly replicas: readonly Node[],
    private readonly config: RedisConfig,
  ) {}

  /** `config` is that of each server. */
  static async start(
    config: RedisConfig = {},
    { primaries = 3, replicas = 1 } = {},
  ): Promise<RedisShards> {
    const start = (count: number) =>
      Promise.all(Array.from({ length: count }, () => startNode(config)));
    const shards = new RedisShards(
      await start(primaries),
      await start(primaries * replicas),
      config,
    );
    await shards.form();
    return shards;
  }

  get nodes(): readonly Node[] {
    return [...this.primaries, ...this.replicas];
  }

  url(access = ''): string {
    const nodes = this.primaries.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const tls = 'tls-cert-file' in this.config ? 's' : '';
    return `redis${tls}+cluster://${access}${nodes}`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  private async form(): Promise<void> {
    const { primaries, replicas, nodes } = this;
    const share = Math.ceil(SLOTS / primaries.length);
    for (const [n, node] of nodes.entries()) {
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
      const { port, busPort } = nodes[0]!;
      await node.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort));
    }
    for (const [n, primary] of primaries.entries()) {
      const last = Math.min((n + 1) * share, SLOTS) - 1;
      await primary.command('CLUSTER', 'ADDSLOTSRANGE', String(n * share), String(last));
    }
    await this.untilAll(`cluster_known_nodes:${nodes.length}`);
    for (const [n, replica] of replicas.entries()) {
      const id = await primaries[n % primaries.length]!.command('CLUSTER', 'MYID');
      await replica.command('CLUSTER', 'REPLICATE', String(id));
    }
    await this.untilAll('cluster_state:ok');
    for (const replica of replicas) {
      await until('the replica to follow', () => replica.log.includes('Finished with success'));
    }
  }

  /** Waits until `CLUSTER INFO` of each node has this line. */
  private async untilAll(line: string): Promise<void> {
    for (const node of this.nodes) {
      await until(`a node to report ${line}`, async () =>
        String(await node.command('CLUSTER', 'INFO')).includes(line),
      );
    }
  }
}

async function startNode(config: RedisConfig): Promise<Node> {
  const busPort = await freePort();
  const server = await RedisServer.start({
    'cluster-enabled': 'yes',
    'cluster-port': String(busPort),
    'cluster-node-timeout': '1000',
    'repl-diskless-sync-delay': '0',
    ...config,
  });
  return Object.assign(server, { busPort });
}
