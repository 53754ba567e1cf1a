import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/clock.js';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import type { OpenStorage } from '../../src/storage/storage.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR } from '../support/clock.js';
import { Load } from '../support/load.js';
import { until } from '../support/process.js';
import { RedisShards } from '../support/redis-shards.js';
import { unknown } from './cluster-store.contract.js';

const CLUSTERS = 50;

describe('When the replicas of a Redis Cluster become its primaries under load', () => {
  const cleanUp = new CleanUp();
  let redis: RedisShards;
  let storage: OpenStorage;
  const warnings: string[] = [];

  beforeAll(async () => {
    redis = cleanUp.add(await RedisShards.start());
    const warn = (message: string) => warnings.push(message);
    storage = cleanUp.add(await openRedis(redis.url(), new SystemClock(), warn));
  });
  afterAll(() => cleanUp.run());

  it('each answer belongs to its own question, and no connection is lost', async () => {
    const { clusters } = storage;
    const ids = Array.from({ length: CLUSTERS }, unknown);
    const lifetime = { createdAt: Date.now(), expiresAt: Date.now() + HOUR };
    for (const id of ids) {
      await clusters.create(id, lifetime);
      await clusters.add(id, { name: 'master_ip', sealed: `of ${id}` });
    }
    const read = async (n: number) => {
      const id = ids[n]!;
      const [stored, found, added] = await Promise.all([
        clusters.key(id, 'master_ip').catch(codeOf),
        clusters.find(id).catch(codeOf),
        clusters.add(id, { name: 'master_ip', sealed: 'no' }).catch(codeOf),
      ]);
      return [
        [stored, { sealed: `of ${id}` }],
        [found, lifetime],
        [added, { outcome: 'exists', sealed: `of ${id}` }],
      ] as const;
    };
    const reads = cleanUp.add(new Load(CLUSTERS, read));
    for (const primary of redis.primaries) {
      const before = reads.results.length;
      await redis.swap(primary);
      await until('reads after that', () => reads.results.length > before + 10 * CLUSTERS);
    }
    await reads.stop();
    const answers = reads.results.flat().filter(([answer]) => answer !== 'storage-unavailable');
    for (const [answer, expected] of answers) expect(answer).toMatchObject(expected);
    expect(answers.length).toBeGreaterThan(30 * CLUSTERS);
    expect(warnings.filter((warning) => !warning.endsWith(' is used now.'))).toEqual([]);
  }, 60_000);
});

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
