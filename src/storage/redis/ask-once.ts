import { withDeadline } from './deadline.js';
import type { Command } from './redis.js';
import { createRedisClient } from './redis-client.js';
import type { Node, RedisAddress } from './redis-url.js';

const DEADLINE_MS = 1_000;

/** Connects to a server, asks it one thing, and closes the connection. Fails as the server does, or when it is slow. */
export async function askOnce<T>(
  node: Node,
  access: Partial<RedisAddress>,
  question: Command<T>,
): Promise<T> {
  const client = createRedisClient(node, access);
  try {
    await withDeadline(DEADLINE_MS, client.connect());
    return await withDeadline(DEADLINE_MS, question(client));
  } finally {
    client.destroy();
  }
}
