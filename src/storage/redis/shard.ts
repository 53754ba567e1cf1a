import type { ClusterSignals } from '../../clusters/cluster.signals.js';
import { StartError } from '../../errors/start-error.js';
import { type Redirection, redirectionIn } from './redirection.js';
import type { Command } from './redis.js';
import type { RedisClient } from './redis-client.js';
import { RedisConnection, type RedisRole } from './redis-connection.js';
import { problemOfShard, readFacts, warningsAbout } from './redis-facts.js';
import type { Node, RedisAddress } from './redis-url.js';
import { scripts } from './scripts.js';
import { channelOf, pass } from './signal-channel.js';

/** A primary of a Redis Cluster. Its connection carries the signals of the hash tags that it serves. */
export class Shard implements RedisRole {
  readonly name: string;
  readonly connection: RedisConnection;
  /** Settles after the first attempt to connect, as `RedisConnection.open` does. */
  readonly opened: Promise<void>;
  private tags: ReadonlySet<string> = new Set();
  /** Tags that were served here before, on this connection. */
  private readonly ended = new Set<string>();
  private readonly subscribed = new WeakMap<RedisClient, Set<string>>();
  private readonly onMessage = (message: string) => pass(message, this.signals);

  constructor(
    readonly node: Node,
    address: RedisAddress,
    private readonly signals: ClusterSignals,
    private readonly warn: (message: string) => void,
  ) {
    this.name = `Redis at ${node.host}:${node.port}`;
    this.connection = new RedisConnection(this, address, warn);
    this.opened = this.connection.open();
  }

  /** Runs a command, as `RedisConnection.run` does, or returns where it can be executed. */
  run<T>(command: Command<T>): Promise<T | Redirection> {
    return this.connection.run((client) =>
      command(client).catch((error: unknown) => {
        const redirection = redirectionIn(error, this.node);
        if (!redirection) throw error;
        return redirection;
      }),
    );
  }

  /** Subscribes to the signals of these hash tags. The server has ended the subscriptions to others. */
  async serve(tags: ReadonlySet<string>): Promise<void> {
    for (const tag of this.tags) if (!tags.has(tag)) this.ended.add(tag);
    this.tags = tags;
    if (!this.connection.isConnected) return; // `prepare` will subscribe
    try {
      // The library believes that it is subscribed still.
      if ([...tags].some((tag) => this.ended.has(tag))) return await this.connection.renew();
      const gained = await this.connection.run((client) => this.subscribe(client));
      if (gained > 0) this.signals.signalsLost();
    } catch {
      // The connection is lost, and that is logged. `prepare` will subscribe.
    }
  }

  find(): Promise<Node> {
    return Promise.resolve(this.node);
  }

  async prepare(client: RedisClient): Promise<void> {
    const facts = await readFacts(client);
    const problem = problemOfShard(facts);
    if (problem) throw new StartError(`${this.name} ${problem}.`);
    // There was a failover, and the map does not show it yet.
    if (facts.role === 'slave') throw new Error('it is a replica');
    // A client falls back to the text of a script, but without `asking`.
    await Promise.all(Object.values(scripts).map(({ SCRIPT }) => client.scriptLoad(SCRIPT)));
    await this.subscribe(client);
    for (const warning of warningsAbout(facts)) this.warn(warning);
  }

  onConnected(): void {
    this.ended.clear();
    this.signals.signalsLost();
  }

  /** Returns the number of new subscriptions. */
  private async subscribe(client: RedisClient): Promise<number> {
    const subscribed = this.subscribed.get(client) ?? new Set();
    this.subscribed.set(client, subscribed);
    const missing = [...this.tags].filter((tag) => !subscribed.has(tag));
    const attempts = missing.map(async (tag) => {
      try {
        await client.sSubscribe(channelOf(tag), this.onMessage);
        subscribed.add(tag);
      } catch (error) {
        // If the slot has left meanwhile, the next map says where it is.
        if (!redirectionIn(error, this.node)) throw error;
      }
    });
    await Promise.all(attempts);
    return missing.length;
  }
}
