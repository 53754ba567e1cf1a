import type { RedisState } from '../../metrics/metrics.js';
import type { RedisClient } from './redis-client.js';

/** One command, or a few that belong together, on the server that `Redis` chooses. */
export type Command<T> = (client: RedisClient) => Promise<T>;

/** What the adapters need of Redis, whether it is one primary or the shards of a Redis Cluster. */
export interface Redis {
  /** An id as the names of keys have it. All keys of one id are on one server. */
  nameOf(id: string): string;

  /** Groups keys so that one script may use all keys of a group. */
  group(keys: readonly string[]): string[][];

  /**
   * Runs a command on the server that has this key. Fails with `storage-unavailable` for any error. The command may be
   * called again, on another server, when the first one has refused to execute it.
   */
  run<T>(key: string, command: Command<T>): Promise<T>;

  /** Runs a command on each primary. Fails with `storage-unavailable` if it fails on one. */
  runOnAll<T>(command: Command<T>): Promise<T[]>;

  /** Fails unless all of Redis can serve. Returns what the operator should fix. */
  check(): Promise<string[]>;

  /** Reads the state of Redis; with several servers, of the one in the worst state. Fails with `storage-unavailable`. */
  state(): Promise<RedisState>;

  /** Waits for commands in flight, and does not connect again. */
  close(): Promise<void>;
}
