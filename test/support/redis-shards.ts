import { freePort } from './ports.js';
import { Program, until } from './process.js';
import { type RedisConfig, RedisServer } from './redis.js';

const SLOTS = 16_384;

/** A server with its port for the other nodes, and its name among them. */
type Node = RedisServer & { readonly busPort: number; readonly id: string };

/** A slot that goes from one primary to another. */
interface Move {
  readonly slot: number;
  readonly from: Node;
  readonly to: Node;
}

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

  /** The primary that serves the slot of this key when all is quiet, and another one. */
  async placesOf(key: string): Promise<Move> {
    const slot = Number(await this.primaries[0]!.command('CLUSTER', 'KEYSLOT', key));
    const from = this.primaries[Math.floor(slot / this.share)]!;
    return { slot, from, to: this.primaries.find((node) => node !== from)! };
  }

  /** Makes the replica of a primary the primary, without a fault. */
  async swap(primary: Node): Promise<void> {
    const replica = this.replicas[this.primaries.indexOf(primary)]!;
    await replica.command('CLUSTER', 'FAILOVER');
    await until('the replica to be a primary', async () =>
      String(await replica.command('INFO', 'replication')).includes('role:master'),
    );
  }

  /** Moves slots with their keys, as an operator would. */
  reshard(from: Node, to: Node, slots: number): Program {
    const move = ['--cluster-from', from.id, '--cluster-to', to.id, '--cluster-slots', `${slots}`];
    const address = `127.0.0.1:${from.port}`;
    return new Program('redis-cli', ['--cluster', 'reshard', address, ...move, '--cluster-yes']);
  }

  /** Begins to move a slot: new keys go to the other node from now on. */
  async beginMove({ slot, from, to }: Move): Promise<void> {
    await to.command('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from.id);
    await from.command('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', to.id);
  }

  /** Moves keys of the slot that is being moved. */
  async moveKeys({ from, to }: Move, ...keys: string[]): Promise<void> {
    await from.command('MIGRATE', '127.0.0.1', String(to.port), '', '0', '1000', 'KEYS', ...keys);
  }

  async endMove({ slot, to }: Move): Promise<void> {
    const others = this.primaries.filter((node) => node !== to);
    for (const node of [to, ...others]) {
      await node.command('CLUSTER', 'SETSLOT', String(slot), 'NODE', to.id);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** How many slots each primary has, but the last. */
  private get share(): number {
    return Math.ceil(SLOTS / this.primaries.length);
  }

  private async form(): Promise<void> {
    const { primaries, replicas, nodes } = this;
    const { share } = this;
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
      await replica.command('CLUSTER', 'REPLICATE', primaries[n % primaries.length]!.id);
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
  const id = String(await server.command('CLUSTER', 'MYID'));
  return Object.assign(server, { busPort, id });
}
