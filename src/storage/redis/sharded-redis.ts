import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterSignals } from '../../clusters/cluster.signals.js';
import { inBackground } from '../../errors/in-background.js';
import { StartError } from '../../errors/start-error.js';
import type { RedisState } from '../../metrics/metrics.js';
import { withDeadline } from './deadline.js';
import { ignoreEndedSubscriptions } from './ended-subscriptions.js';
import { hashTags, tagged } from './hash-tag.js';
import { SLOTS, slotOf } from './key-slot.js';
import { asking, Redirection } from './redirection.js';
import type { Command, Redis } from './redis.js';
import { messageOf, unavailable } from './redis-connection.js';
import { readFacts, warningsAbout } from './redis-facts.js';
import type { Node, RedisAddress } from './redis-url.js';
import { Shard } from './shard.js';
import { countMissing, findShards, readMapFrom, type ShardMap } from './shard-map.js';

/** How long a change of the shards may go unnoticed. */
const REFRESH_MS = 1_000;
/** How long a command follows redirections. It leaves time for the heartbeat of the last connection, within a second. */
const REDIRECTION_MS = 400;
const REDIRECTION_PAUSE_MS = 20;
/** How long a node without slots is kept after a redirection to it: its first slot is being moved to it. */
const KEPT_MS = 10_000;

/**
 * A Redis Cluster: a connection to each primary, and the map of their slots. node-redis has a client for Redis Cluster, but
 * it receives sharded messages on separate connections, out of order with the answers, and its commands have no time limit
 * (ADR 24).
 */
export class ShardedRedis implements Redis {
  private readonly shards = new Map<string, Shard>();
  private bySlot: (Shard | undefined)[] = [];
  private readonly tags = hashTags().map((tag) => ({ tag, slot: slotOf(tag) }));
  private readonly redirectedAt = new WeakMap<Shard, number>();
  private refreshing = false;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly address: RedisAddress,
    private readonly signals: ClusterSignals,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * Connects to all shards. When one cannot be reached, warns and tries again in the background. Fails with a `StartError`
   * when one refuses the connection, or when there are slots that no shard serves.
   */
  static async open(
    address: RedisAddress,
    signals: ClusterSignals,
    warn: (message: string) => void,
  ): Promise<ShardedRedis> {
    ignoreEndedSubscriptions();
    const redis = new ShardedRedis(address, signals, warn);
    try {
      await redis.connect();
    } catch (error) {
      if (error instanceof StartError) {
        await redis.close();
        throw error;
      }
      warn(`${messageOf(error)}. The service answers 503 until it can.`);
    }
    redis.timer = setInterval(() => redis.refresh(), REFRESH_MS).unref();
    return redis;
  }

  nameOf(id: string): string {
    return tagged(id);
  }

  group(keys: readonly string[]): string[][] {
    return [...Map.groupBy(keys, slotOf).values()];
  }

  async run<T>(key: string, command: Command<T>): Promise<T> {
    const slot = slotOf(key);
    const result = await this.shardOf(slot).run(command);
    return result instanceof Redirection ? this.follow(result, slot, command) : result;
  }

  async runOnAll<T>(command: Command<T>): Promise<T[]> {
    const shards = new Set(Array.from({ length: SLOTS }, (_, slot) => this.shardOf(slot)));
    return Promise.all([...shards].map(({ connection }) => connection.run(command)));
  }

  async check(): Promise<string[]> {
    const warnings = await this.runOnAll(async (client) => {
      const [facts, info] = await Promise.all([readFacts(client), client.clusterInfo()]);
      // It is cut off from the others, or does not serve because others do not.
      if (!info.includes('cluster_state:ok')) throw new Error('CLUSTERDOWN');
      return warningsAbout(facts);
    });
    return [...new Set(warnings.flat())];
  }

  async state(): Promise<RedisState> {
    const states = await this.runOnAll(readFacts);
    const fullest = states.reduce((one, other) => (fullness(other) > fullness(one) ? other : one));
    return { ...fullest, persists: states.every(({ persists }) => persists) };
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await Promise.all([...this.shards.values()].map(({ connection }) => connection.close()));
  }

  private shardOf(slot: number): Shard {
    const shard = this.bySlot[slot];
    if (!shard) throw unavailable(`no shard of Redis serves slot ${slot}`);
    return shard;
  }

  /** Sends a command where it can be executed, until it is or the time is up. */
  private async follow<T>(first: Redirection, slot: number, command: Command<T>): Promise<T> {
    const deadline = performance.now() + REDIRECTION_MS;
    let result: T | Redirection = first;
    while (result instanceof Redirection) {
      // The nodes do not agree yet, or keys are being moved.
      if (result !== first || first.kind === 'try-again') await delay(REDIRECTION_PAUSE_MS);
      const left = deadline - performance.now();
      if (left < 0) throw unavailable(`slot ${slot} of Redis is being moved`);
      result = await this.followOnce(result, slot, command, left);
    }
    return result;
  }

  private async followOnce<T>(
    { kind, node }: Redirection,
    slot: number,
    command: Command<T>,
    left: number,
  ): Promise<T | Redirection> {
    if (kind === 'try-again') return this.shardOf(slot).run(command);
    const shard = this.shardAt(node);
    this.redirectedAt.set(shard, performance.now());
    await withDeadline(left, shard.opened).catch(() => undefined); // then the command fails
    if (kind === 'ask') return shard.run((client) => command(asking(client)));
    this.bySlot[slot] = shard;
    this.refresh();
    return shard.run(command);
  }

  private shardAt(node: Node): Shard {
    const address = `${node.host}:${node.port}`;
    const known = this.shards.get(address);
    if (known) return known;
    const shard = new Shard(node, this.address, this.signals, this.warn);
    this.shards.set(address, shard);
    // At the start, `connect` waits for all.
    if (this.timer) inBackground('Connecting to a shard of Redis', this.join(shard));
    return shard;
  }

  /** Uses a shard that appeared after the start. */
  private async join(shard: Shard): Promise<void> {
    try {
      await shard.opened;
    } catch (problem) {
      shard.connection.keepTrying(problem);
    }
    if (shard.connection.isConnected) this.warn(`${shard.name} is used now.`);
  }

  private async connect(): Promise<void> {
    const map = await findShards(this.address);
    const missing = countMissing(map);
    if (missing > 0) {
      throw new StartError(
        `The Redis Cluster of REDIS_URL has no node for ${missing} of its ${SLOTS} slots: assign them, as redis-cli --cluster fix does.`,
      );
    }
    this.apply(map);
    await Promise.all([...this.shards.values()].map(({ opened }) => opened));
  }

  private refresh(): void {
    if (this.refreshing) return;
    this.refreshing = true;
    inBackground('Reading the shards of Redis', this.readMap());
  }

  private async readMap(): Promise<void> {
    try {
      const connected = [...this.shards.values()].filter(
        ({ connection }) => connection.isConnected,
      );
      const map = await (connected.length > 0 ? readMapFrom(connected) : findShards(this.address));
      if (this.timer) this.apply(map);
    } catch {
      // No node answers. Their connections have logged that.
    } finally {
      this.refreshing = false;
    }
  }

  private apply(map: ShardMap): void {
    this.bySlot = Array.from({ length: SLOTS });
    for (const { from, to, primary } of map) this.bySlot.fill(this.shardAt(primary), from, to + 1);
    const tags = Map.groupBy(this.tags, ({ slot }) => this.bySlot[slot]);
    const used = new Set(this.bySlot);
    for (const [address, shard] of this.shards) {
      const served = new Set(tags.get(shard)?.map(({ tag }) => tag));
      inBackground('Subscribing to a shard of Redis', shard.serve(served));
      if (!used.has(shard) && !this.mayGetSlots(shard)) {
        this.shards.delete(address);
        inBackground('Leaving a shard of Redis', shard.connection.close());
      }
    }
  }

  private mayGetSlots(shard: Shard): boolean {
    return performance.now() - (this.redirectedAt.get(shard) ?? -Infinity) < KEPT_MS;
  }
}

function fullness({ usedBytes, maxBytes }: RedisState): number {
  return maxBytes > 0 ? usedBytes / maxBytes : 0;
}
