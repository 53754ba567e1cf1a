import type { RedisState } from '../../metrics/metrics.js';
import type { RedisClient } from './redis-client.js';

/** The parts of `INFO` that the service depends on. */
export interface RedisFacts extends RedisState {
  readonly version: string;
  readonly role: string;
  readonly isClusterNode: boolean;
  readonly evictionPolicy: string;
}

/** The scripts may run on older versions, but are tested with this one. Valkey reports 7.2. */
const MIN_MAJOR = 7;

/** Reads `INFO`. Fails while Redis cannot serve, such as while it loads its data. */
export async function readFacts(client: RedisClient): Promise<RedisFacts> {
  // While Redis loads its data, INFO is answered but PING is refused. Both are sent together.
  const [, info] = await Promise.all([client.ping(), client.info()]);
  const fact = (name: string) =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
  return {
    version: fact('redis_version'),
    role: fact('role'),
    isClusterNode: fact('redis_mode') === 'cluster',
    evictionPolicy: fact('maxmemory_policy'),
    usedBytes: Number(fact('used_memory')),
    maxBytes: Number(fact('maxmemory')),
    persists: fact('aof_last_write_status') === 'ok' && fact('rdb_last_bgsave_status') === 'ok',
  };
}

/** Why this Redis cannot be used alone. Undefined if it can. */
export function problemOf({ version, role, isClusterNode }: RedisFacts): string | undefined {
  if (Number.parseInt(version) < MIN_MAJOR) return tooOld(`version ${version}`);
  if (isClusterNode) return 'is a node of a Redis Cluster: begin REDIS_URL with redis+cluster';
  if (role === 'slave') {
    return 'is a read-only replica: name its primary in REDIS_URL, or its sentinels';
  }
  return undefined;
}

/** Why this Redis cannot be used as a shard of a Redis Cluster. Undefined if it can. */
export function problemOfShard({ version }: RedisFacts): string | undefined {
  return Number.parseInt(version) < MIN_MAJOR ? tooOld(`version ${version}`) : undefined;
}

export function tooOld(version: string): string {
  return `is too old (${version}): use ${MIN_MAJOR}.0 or newer`;
}

/** What works but should be fixed. */
export function warningsAbout({ evictionPolicy }: RedisFacts): string[] {
  if (evictionPolicy === 'noeviction') return [];
  return [
    `The eviction policy of Redis is ${evictionPolicy}: it may remove live clusters. Set maxmemory-policy to noeviction.`,
  ];
}
