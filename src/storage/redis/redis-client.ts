import { readFileSync } from 'node:fs';
import { createClient } from '@redis/client';
import { StartError } from '../../errors/start-error.js';
import type { Node, RedisAddress, TlsFiles } from './redis-url.js';
import { scripts } from './scripts.js';

const CONNECT_TIMEOUT_MS = 2_000;

/** A client with one connection. It cannot be used after the connection is lost. */
export type RedisClient = ReturnType<typeof createRedisClient>;

/**
 * A client of the Redis or sentinel at `node`, not yet connected.
 * @throws StartError when a file of `tlsFiles` cannot be read.
 */
export function createRedisClient(
  { host, port }: Node,
  { tls, tlsFiles, username, password, database }: Partial<RedisAddress>,
) {
  const socket = {
    host,
    port,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // `RedisConnection` replaces a lost client, possibly by one for another node.
    reconnectStrategy: false as const,
  };
  const client = createClient({
    RESP: 3,
    name: 'cluster-pairing',
    socket: tls ? { ...socket, tls: true, ...readTlsFiles(tlsFiles) } : socket,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    disableOfflineQueue: true,
    // The library's timeout covers only the time until a command is sent, and costs an AbortSignal for each command.
    commandOptions: { timeout: 0 },
    maintNotifications: 'disabled', // only Redis Enterprise supports them
    disableClientInfo: true, // `name` is enough
    scripts,
  });
  client.on('error', () => undefined); // each failed command reports it too
  return client;
}

/** Reads the files for TLS as Node takes them: at each connection, so that they can be renewed. */
function readTlsFiles({ sslrootcert, sslcert, sslkey }: TlsFiles = {}) {
  return {
    ...(sslrootcert !== undefined && { ca: read('sslrootcert', sslrootcert) }),
    ...(sslcert !== undefined && { cert: read('sslcert', sslcert) }),
    ...(sslkey !== undefined && { key: read('sslkey', sslkey) }),
  };
}

function read(name: keyof TlsFiles, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new StartError(`${name} in REDIS_URL cannot be read: ${(error as Error).message}.`);
  }
}
