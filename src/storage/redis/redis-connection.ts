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
 * Redis answers in the order in which it is asked, so a beat that is answered says that all before it is, too:
 * one clock for all commands. Both together are how long one may take, so that who asked is answered within
 * a second, whatever happens to Redis.
 */
const HEARTBEAT_MS = 200;
const HEARTBEAT_DEADLINE_MS = 600;
const CONNECT_DEADLINE_MS = 2_000;
const MAX_PAUSE_MS = 1_000;

/**
 * The connection to Redis: it comes back by itself, wherever the primary is by then, and keeps nobody
 * waiting meanwhile. A heartbeat that is not answered in time condemns the connection with all that is under
 * way on it; nothing is ever sent twice.
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
   * Connects. When Redis cannot be reached, warns and goes on trying. Fails with a `StartError` when Redis refuses
   * us: that is an error in the configuration, which no later try can mend.
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

  /** Runs a command; whatever goes wrong is `storage-unavailable`. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const { client } = this;
    if (!client) {
      throw new PairingError('storage-unavailable', { cause: new Error('Redis is gone') });
    }
    try {
      return await command(client);
    } catch (cause) {
      if (isFatal(cause)) this.onConnectionLost(client, cause);
      // A command that fails with its connection is not logged by itself.
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

  /** Fails when Redis is gone. */
  state(): Promise<RedisState> {
    return this.run(readFacts);
  }

  /** Waits for commands in flight, and connects no more. */
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
        // Replicas that lost Redis together should not reconnect in step.
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
      // Sentinels name a replica while a failover goes on, which ends by itself.
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

/** Whether no later command on this connection can do better. */
function isFatal(error: unknown): boolean {
  return (
    error instanceof DeadlineError ||
    // A failover made it a replica under our feet.
    (error instanceof Error && error.message.startsWith('READONLY'))
  );
}

function messageOf(error: unknown): string {
  return (error as Error).message.replace(/\.$/, '');
}
