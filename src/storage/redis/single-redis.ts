import { StartError } from '../../errors/start-error.js';
import type { ClusterSignals } from '../../clusters/cluster.signals.js';
import type { RedisState } from '../../metrics/metrics.js';
import { findPrimary } from './find-primary.js';
import type { Command, Redis } from './redis.js';
import type { RedisClient } from './redis-client.js';
import { RedisConnection, type RedisRole, unavailable } from './redis-connection.js';
import { problemOf, readFacts, warningsAbout } from './redis-facts.js';
import type { Node, RedisAddress } from './redis-url.js';
import { subscribe } from './signal-channel.js';

/** One Redis, or the primary that sentinels name. */
export class SingleRedis implements Redis, RedisRole {
  readonly name = 'Redis';
  private readonly connection: RedisConnection;

  private constructor(
    private readonly address: RedisAddress,
    private readonly signals: ClusterSignals,
    private readonly warn: (message: string) => void,
  ) {
    this.connection = new RedisConnection(this, address, warn);
  }

  /** Opens it as `RedisConnection.open` does. */
  static async open(
    address: RedisAddress,
    signals: ClusterSignals,
    warn: (message: string) => void,
  ): Promise<SingleRedis> {
    const redis = new SingleRedis(address, signals, warn);
    try {
      await redis.connection.open();
    } catch (error) {
      await redis.close();
      throw error;
    }
    return redis;
  }

  nameOf(id: string): string {
    return id;
  }

  group(keys: readonly string[]): string[][] {
    return [[...keys]];
  }

  run<T>(_key: string, command: Command<T>): Promise<T> {
    return this.connection.run(command);
  }

  async runOnAll<T>(command: Command<T>): Promise<T[]> {
    return [await this.connection.run(command)];
  }

  async check(): Promise<string[]> {
    const facts = await this.connection.run(readFacts);
    const problem = problemOf(facts);
    if (problem) throw unavailable(`Redis ${problem}`);
    return warningsAbout(facts);
  }

  state(): Promise<RedisState> {
    return this.connection.run(readFacts);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  find(): Promise<Node> {
    return findPrimary(this.address);
  }

  async prepare(client: RedisClient, node: Node): Promise<void> {
    const facts = await readFacts(client);
    const problem = problemOf(facts);
    // During a failover, sentinels may still name a replica. This ends by itself.
    if (problem && facts.role === 'slave' && this.address.masterName !== undefined) {
      throw new Error('it is not the primary yet');
    }
    if (problem) throw new StartError(`Redis at ${node.host}:${node.port} ${problem}.`);
    await subscribe(client, this.signals);
    for (const warning of warningsAbout(facts)) this.warn(warning);
  }

  onConnected(): void {
    this.signals.signalsLost();
  }
}
