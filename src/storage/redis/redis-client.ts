import { createClient } from 'redis';
import type { Node, RedisAddress } from './redis-url.js';
import { scripts } from './scripts.js';

const CONNECT_TIMEOUT_MS = 2_000;

/** The client of one connection: when that is lost, so is the client. */
export type RedisClient = ReturnType<typeof createRedisClient>;

/** A client of the Redis or sentinel at `node`, not yet connected. */
export function createRedisClient(
  { host, port }: Node,
  { tls, username, password, database }: Partial<RedisAddress>,
) {
  const socket = {
    host,
    port,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // `RedisConnection` replaces a lost client, perhaps by one of another node.
    reconnectStrategy: false as const,
  };
  const client = createClient({
    RESP: 3,
    name: 'cluster-pairing',
    socket: tls ? { ...socket, tls: true } : socket,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    disableOfflineQueue: true,
    // It would count only until a command is sent, and cost every command a signal.
    commandOptions: { timeout: 0 },
    maintNotifications: 'disabled', // known to Redis Enterprise alone
    disableClientInfo: true, // `name` says enough
    scripts,
  });
  client.on('error', () => undefined); // each failed command says it too
  return client;
}
