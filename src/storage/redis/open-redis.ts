import type { Clock } from '../../clock/clock.js';
import { ClusterSignals } from '../../clusters/cluster.signals.js';
import { oncePerMinute } from '../once-per-minute.js';
import type { OpenStorage } from '../storage.js';
import { RedisClusterStore } from './redis-cluster.store.js';
import { RedisConnection } from './redis-connection.js';
import { RedisLimits } from './redis-limits.js';
import { parseRedisUrl } from './redis-url.js';

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
  const connection = await RedisConnection.open(parseRedisUrl(url), signals, warn);
  return {
    clusters: new RedisClusterStore(connection, clock),
    signals,
    redisState: () => connection.state(),
    limits: new RedisLimits(connection, oncePerMinute(warn)),
    close: () => connection.close(),
  };
}
