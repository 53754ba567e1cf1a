import type { Clock } from '../../clock/clock.js';
import { ClusterSignals } from '../../clusters/cluster.signals.js';
import { oncePerMinute } from '../once-per-minute.js';
import type { OpenStorage } from '../storage.js';
import { RedisClusterStore } from './redis-cluster.store.js';
import { RedisLimits } from './redis-limits.js';
import { parseRedisUrl } from './redis-url.js';
import { ShardedRedis } from './sharded-redis.js';
import { SingleRedis } from './single-redis.js';

/**
 * Connects to the Redis of a `REDIS_URL`. When it cannot be reached, tries again in the background. Fails with a
 * `StartError` when Redis refuses the connection.
 */
export async function openRedis(
  url: string,
  clock: Clock,
  warn: (message: string) => void,
): Promise<OpenStorage> {
  const signals = new ClusterSignals();
  const address = parseRedisUrl(url);
  const kind = address.isSharded ? ShardedRedis : SingleRedis;
  const redis = await kind.open(address, signals, warn);
  return {
    clusters: new RedisClusterStore(redis, clock),
    signals,
    redisState: () => redis.state(),
    limits: new RedisLimits(redis, oncePerMinute(warn)),
    close: () => redis.close(),
  };
}
