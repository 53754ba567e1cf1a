import { setTimeout as delay } from 'node:timers/promises';
import { inBackground } from '../../errors/in-background.js';
import { PairingError } from '../../errors/pairing-error.js';
import { StartError } from '../../errors/start-error.js';
import { oncePerMinute } from '../once-per-minute.js';
import { DeadlineError, withDeadline } from './deadline.js';
import type { Command } from './redis.js';
import { createRedisClient, type RedisClient } from './redis-client.js';
import { redisProblem } from './redis-problem.js';
import type { Node, RedisAddress } from './redis-url.js';

/**
 * Redis answers commands in order. When a heartbeat is answered, all commands before it have been answered too, so
 * one timer serves for all commands. The sum of both times is the longest that a command can take: clients get an
 * answer within a second even if Redis hangs.
 */
const HEARTBEAT_MS = 200;
const HEARTBEAT_DEADLINE_MS = 600;
const CONNECT_DEADLINE_MS = 2_000;
const MAX_PAUSE_MS = 1_000;

/** What a connection is for. */
export interface RedisRole {
  /** The server in messages, such as `Redis`. */
  readonly name: string;
  /** Finds the server, before each attempt to connect. */
  find(): Promise<Node>;
  /** Checks the server and subscribes to its signals, before commands are sent. */
  prepare(client: RedisClient, node: Node): Promise<void>;
  /** Called when commands can be sent. Signals may have been lost until then. */
  onConnected(): void;
}

/**
 * A connection to one Redis. It is restored by itself, to the new primary after a failover. Until then commands fail at
 * once. When a heartbeat is not answered in time, the connection is closed and all commands in flight fail. No
 * command is ever sent twice.
 */
export class RedisConnection {
  private client: RedisClient | undefined;
  private closed = false;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly warnThrottled: (message: string) => void;

  constructor(
    private readonly role: RedisRole,
    private readonly address: RedisAddress,
    private readonly warn: (message: string) => void,
  ) {
    this.warnThrottled = oncePerMinute(warn);
    // Not Nest's `@Interval`, which is for providers: the adapter makes its connections itself.
    this.heartbeat = setInterval(
      () => inBackground('Checking on Redis', this.sendHeartbeat()),
      HEARTBEAT_MS,
    ).unref();
  }

  /**
   * Connects. When Redis cannot be reached, warns and tries again in the background. Fails with a `StartError` when
   * Redis refuses the connection: that is an error in the configuration, and trying again would not help.
   */
  async open(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      if (error instanceof StartError) throw error;
      this.keepTrying(error);
    }
  }

  /** Tries to connect in the background until it succeeds. */
  keepTrying(problem: unknown): void {
    this.warn(`${messageOf(problem)}. The service answers 503 until it can.`);
    inBackground('Reconnecting to Redis', this.reconnect());
  }

  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /** Runs a command. Fails with `storage-unavailable` for any error. */
  async run<T>(command: Command<T>): Promise<T> {
    const { client } = this;
    if (!client) throw unavailable(`${this.role.name} is gone`);
    try {
      return await command(client);
    } catch (cause) {
      if (isFatal(cause)) this.onConnectionLost(client, cause);
      // If the connection was lost, that has been logged already.
      else if (client === this.client)
        this.warnThrottled(`${this.role.name} refuses: ${messageOf(cause)}.`);
      throw new PairingError('storage-unavailable', { cause });
    }
  }

  /** Replaces a working connection, with no pause for commands. */
  async renew(): Promise<void> {
    const { client } = this;
    await this.connect();
    await client?.close();
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
    this.warn(`${this.role.name} is gone: ${messageOf(cause)}.`);
    inBackground('Reconnecting to Redis', this.reconnect());
  }

  private async reconnect(): Promise<void> {
    for (let pause = 50; !this.closed; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
      try {
        await this.connect();
        return this.warn(`${this.role.name} is back.`);
      } catch {
        // At random, so that all replicas do not reconnect at the same time.
        await delay(pause * (0.5 + Math.random() / 2), undefined, { ref: false });
      }
    }
  }

  private async connect(): Promise<void> {
    const node = await this.role.find();
    const client = createRedisClient(node, this.address);
    try {
      await withDeadline(CONNECT_DEADLINE_MS, client.connect());
      // The library reports what it cannot read, too, and would then assign replies to the wrong commands.
      client.on('error', (cause: unknown) => {
        client.destroy();
        this.onConnectionLost(client, cause);
      });
      await withDeadline(CONNECT_DEADLINE_MS, this.role.prepare(client, node));
      if (this.closed) throw new Error('closed meanwhile');
      if (!client.isReady) throw new Error('the connection was lost');
      this.client = client;
      this.role.onConnected();
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

export function unavailable(why: string): PairingError {
  return new PairingError('storage-unavailable', { cause: new Error(why) });
}

export function messageOf(error: unknown): string {
  return (error as Error).message.replace(/\.$/, '');
}
