import { setTimeout as delay } from 'node:timers/promises';
import { inBackground } from '../../errors/in-background.js';
import { PairingError } from '../../errors/pairing-error.js';
import { StartError } from '../../errors/start-error.js';
import type { ClusterSignals } from '../../clusters/cluster.signals.js';
import type { RedisState } from '../../metrics/metrics.js';
import { oncePerMinute } from '../once-per-minute.js';
import { DeadlineError, withDeadline } from './deadline.js';
import { findPrimary } from './find-primary.js';
import { createRedisClient, type RedisClient } from './redis-client.js';
import { readFacts, problemOf, warningsAbout } from './redis-facts.js';
import { redisProblem } from './redis-problem.js';
import type { RedisAddress } from './redis-url.js';
import { subscribe } from './signal-channel.js';

/**
 * Redis answers commands in order. When a heartbeat is answered, all commands before it have been answered too, so
 * one timer serves for all commands. The sum of both times is the longest that a command can take: clients get an
 * answer within a second even if Redis hangs.
 */
const HEARTBEAT_MS = 200;
const HEARTBEAT_DEADLINE_MS = 600;
const CONNECT_DEADLINE_MS = 2_000;
const MAX_PAUSE_MS = 1_000;

/**
 * The connection to Redis. It is restored by itself, to the new primary after a failover. Until then commands fail at
 * once. When a heartbeat is not answered in time, the connection is closed and all commands in flight fail. No
 * command is ever sent twice.
 */
export class RedisConnection {
  private client: RedisClient | undefined;
  private closed = false;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly warnThrottled: (message: string) => void;

  private constructor(
    private readonly address: RedisAddress,
    private readonly signals: ClusterSignals,
    private readonly warn: (message: string) => void,
  ) {
    this.warnThrottled = oncePerMinute(warn);
    this.heartbeat = setInterval(
      () => inBackground('Checking on Redis', this.sendHeartbeat()),
      HEARTBEAT_MS,
    ).unref();
  }

  /**
   * Connects. When Redis cannot be reached, warns and tries again in the background. Fails with a `StartError` when
   * Redis refuses the connection: that is an error in the configuration, and trying again would not help.
   */
  static async open(
    address: RedisAddress,
    signals: ClusterSignals,
    warn: (message: string) => void,
  ): Promise<RedisConnection> {
    const connection = new RedisConnection(address, signals, warn);
    try {
      await connection.connect();
    } catch (error) {
      if (error instanceof StartError) {
        await connection.close();
        throw error;
      }
      warn(`${messageOf(error)}. The service answers 503 until it can.`);
      inBackground('Reconnecting to Redis', connection.reconnect());
    }
    return connection;
  }

  /** Runs a command. Fails with `storage-unavailable` for any error. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const { client } = this;
    if (!client) {
      throw new PairingError('storage-unavailable', { cause: new Error('Redis is gone') });
    }
    try {
      return await command(client);
    } catch (cause) {
      if (isFatal(cause)) this.onConnectionLost(client, cause);
      // If the connection was lost, that has been logged already.
      else if (client === this.client) this.warnThrottled(`Redis refuses: ${messageOf(cause)}.`);
      throw new PairingError('storage-unavailable', { cause });
    }
  }

  /** Fails unless Redis can serve. Returns what the operator should fix. */
  async check(): Promise<string[]> {
    const facts = await this.run(readFacts);
    const problem = problemOf(facts);
    if (problem) {
      throw new PairingError('storage-unavailable', { cause: new Error(`Redis ${problem}`) });
    }
    return warningsAbout(facts);
  }

  /** Reads the state of Redis. Fails with `storage-unavailable`. */
  state(): Promise<RedisState> {
    return this.run(readFacts);
  }

  /** Waits for commands in flight, and does not connect again. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.heartbeat);
    const { client } = this;
    this.client = undefined;
    if (!client) return;
    await withDeadline(HEARTBEAT_DEADLINE_MS, client.close()).catch(() => client.destroy());
  }

  private async sendHeartbeat(): Promise<void> {
    if (!this.client) return;
    const ping = (client: RedisClient) => withDeadline(HEARTBEAT_DEADLINE_MS, client.ping());
    await this.run(ping).catch(() => undefined);
  }

  private onConnectionLost(client: RedisClient, cause: unknown): void {
    if (client !== this.client) return;
    this.client = undefined;
    client.destroy(); // every command in flight fails now
    this.warn(`Redis is gone: ${messageOf(cause)}.`);
    inBackground('Reconnecting to Redis', this.reconnect());
  }

  private async reconnect(): Promise<void> {
    for (let pause = 50; !this.closed; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
      try {
        await this.connect();
        return this.warn('Redis is back.');
      } catch {
        // At random, so that all replicas do not reconnect at the same time.
        await delay(pause * (0.5 + Math.random() / 2), undefined, { ref: false });
      }
    }
  }

  private async connect(): Promise<void> {
    const node = await findPrimary(this.address);
    const client = createRedisClient(node, this.address);
    try {
      await withDeadline(CONNECT_DEADLINE_MS, client.connect());
      client.once('terminated', (cause) => this.onConnectionLost(client, cause));
      const facts = await withDeadline(CONNECT_DEADLINE_MS, readFacts(client));
      const problem = problemOf(facts);
      // During a failover, sentinels may still name a replica. This ends by itself.
      if (problem && facts.role === 'slave' && this.address.masterName !== undefined) {
        throw new Error('it is not the primary yet');
      }
      if (problem) throw new StartError(`Redis at ${node.host}:${node.port} ${problem}.`);
      await withDeadline(CONNECT_DEADLINE_MS, subscribe(client, this.signals));
      if (this.closed) throw new Error('closed meanwhile');
      for (const warning of warningsAbout(facts)) this.warn(warning);
      this.client = client;
      this.signals.signalsLost();
    } catch (error) {
      client.destroy();
      throw error instanceof StartError ? error : redisProblem('Redis', node, error);
    }
  }
}

/** Whether all later commands on this connection would fail too. */
function isFatal(error: unknown): boolean {
  return (
    error instanceof DeadlineError ||
    // A failover has made this node a replica.
    (error instanceof Error && error.message.startsWith('READONLY'))
  );
}

function messageOf(error: unknown): string {
  return (error as Error).message.replace(/\.$/, '');
}
