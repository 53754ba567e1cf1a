import type { RedisState } from '../../metrics/metrics.js';
import type { RedisClient } from './redis-client.js';

/** What Redis tells about itself, as far as we depend on it. */
export interface RedisFacts extends RedisState {
  readonly version: string;
  readonly role: string;
  readonly evictionPolicy: string;
}

/** What the scripts need is older, but this is what they are tested with. Valkey claims 7.2. */
const OLDEST_MAJOR = 7;

/** Asks Redis about itself; fails while it cannot serve, such as when it still loads its data. */
export async function askFacts(client: RedisClient): Promise<RedisFacts> {
  // PING is refused where INFO is not; both travel together.
  const [, info] = await Promise.all([client.ping(), client.info()]);
  const fact = (name: string) =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
  return {
    version: fact('redis_version'),
    role: fact('role'),
    evictionPolicy: fact('maxmemory_policy'),
    usedBytes: Number(fact('used_memory')),
    maxBytes: Number(fact('maxmemory')),
    persists: fact('aof_last_write_status') === 'ok' && fact('rdb_last_bgsave_status') === 'ok',
  };
}

/** Why such a Redis is of no use; undefined when it is. */
export function problemOf({ version, role }: RedisFacts): string | undefined {
  if (Number.parseInt(version) < OLDEST_MAJOR) return tooOld(`version ${version}`);
  if (role === 'slave') {
    return 'is a read-only replica: name its primary in REDIS_URL, or its sentinels';
  }
  return undefined;
}

export function tooOld(version: string): string {
  return `is too old (${version}): use ${OLDEST_MAJOR}.0 or newer`;
}

/** What works but should be mended. */
export function warningsAbout({ evictionPolicy }: RedisFacts): string[] {
  if (evictionPolicy === 'noeviction') return [];
  return [
    `The eviction policy of Redis is ${evictionPolicy}: it may drop clusters that live. Set maxmemory-policy to noeviction.`,
  ];
}
