import { StartError } from '../../errors/start-error.js';
import { askOnce } from './ask-once.js';
import { SLOTS } from './key-slot.js';
import type { RedisClient } from './redis-client.js';
import { redisProblem } from './redis-problem.js';
import type { Node, RedisAddress } from './redis-url.js';
import type { Shard } from './shard.js';

/** Slots that one primary serves; `to` is the last one. */
interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly primary: Node;
}

/** Which primary of a Redis Cluster serves which slots. */
export type ShardMap = readonly SlotRange[];

/** How many slots no primary serves. */
export function countMissing(map: ShardMap): number {
  return map.reduce((missing, { from, to }) => missing - (to - from + 1), SLOTS);
}

/**
 * Asks the shard that knows best: the one with the highest epoch, which grows with each failover and each move of a slot.
 * A primary that is cut off from the others does not know of them. Fails with `storage-unavailable`.
 */
export async function readMapFrom(shards: readonly Shard[]): Promise<ShardMap> {
  const epochs = await Promise.all(
    shards.map(({ connection }) => connection.run(readEpoch).catch(() => -1)),
  );
  const { connection, node } = shards[epochs.indexOf(Math.max(...epochs))]!;
  return connection.run((client) => readMap(client, node));
}

/** Asks the nodes of a `REDIS_URL` in turn. Fails with the problem of the last one, as `redisProblem` describes it. */
export async function findShards(address: RedisAddress): Promise<ShardMap> {
  let problem: unknown;
  for (const node of address.nodes) {
    try {
      return await askOnce(node, address, (client) => readMap(client, node));
    } catch (error) {
      problem = error instanceof StartError ? error : redisProblem('Redis', node, error);
    }
  }
  throw problem;
}

async function readEpoch(client: RedisClient): Promise<number> {
  const info = await client.clusterInfo();
  return Number(/^cluster_current_epoch:(\d+)/m.exec(info)?.[1]);
}

/** What `asked` knows. A node that does not know its own name gives none. */
async function readMap(client: RedisClient, asked: Node): Promise<ShardMap> {
  const ranges = await client.clusterSlots();
  return ranges.map(({ from, to, master: { host, port } }) => ({
    from,
    to,
    primary: { host: host || asked.host, port },
  }));
}
