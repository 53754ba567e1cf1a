import { withDeadline } from './deadline.js';
import { createRedisClient } from './redis-client.js';
import type { Node, RedisAddress } from './redis-url.js';

const SENTINEL_DEADLINE_MS = 1_000;

/**
 * Where writes go: the one node of the URL or, by the first sentinel that knows, the master of that
 * name. node-redis has a client for Sentinel, but it holds commands back during a failover and repeats
 * them, where we must refuse at once and never write twice.
 */
export async function findPrimary(address: RedisAddress): Promise<Node> {
  const { nodes, masterName } = address;
  if (masterName === undefined) return nodes[0];
  let reason: unknown;
  for (const sentinel of nodes) {
    try {
      const primary = await ask(sentinel, address, masterName);
      if (primary) return primary;
      reason = new Error(`the sentinels know no master called ${masterName}`);
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}

/** Sentinels often have no password where Redis has one. */
async function ask(sentinel: Node, address: RedisAddress, masterName: string) {
  const { tls, username, password } = address;
  try {
    return await askAs({ tls }, sentinel, masterName);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOAUTH'))) throw error;
    return askAs({ tls, username, password }, sentinel, masterName);
  }
}

async function askAs(
  access: Pick<RedisAddress, 'tls'> & Partial<RedisAddress>,
  sentinel: Node,
  masterName: string,
): Promise<Node | undefined> {
  const client = createRedisClient(sentinel, access);
  try {
    await withDeadline(SENTINEL_DEADLINE_MS, client.connect());
    const answer = client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName]);
    const found = await withDeadline(SENTINEL_DEADLINE_MS, answer);
    if (!Array.isArray(found)) return undefined;
    const [host, port] = found.map(String);
    return { host: host!, port: Number(port) };
  } finally {
    client.destroy();
  }
}
