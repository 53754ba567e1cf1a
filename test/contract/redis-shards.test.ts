import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SystemClock } from '../../src/clock/clock.js';
import { slotOf } from '../../src/storage/redis/key-slot.js';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import { RedisShards } from '../support/redis-shards.js';
import { describeClusterSignals } from './cluster-signals.contract.js';
import { describeClusterStore, type StoreUnderTest } from './cluster-store.contract.js';
import { describeRaces } from './cluster-store.races.js';

// One for all suites, because it takes two seconds to start.
let cluster: RedisShards;
beforeAll(async () => {
  cluster = await RedisShards.start();
});
afterAll(() => cluster.stop());

const shards: StoreUnderTest = {
  name: 'a Redis Cluster',
  start: (clock) =>
    Promise.resolve({
      open: () => openRedis(cluster.url(), clock, console.warn),
      stop: () => Promise.resolve(),
    }),
};

describeClusterStore(shards);
describeRaces(shards);
describeClusterSignals(shards, 2);

describe('A Redis Cluster', () => {
  it('is asked at the right node at once', async () => {
    // The suites above have sent some thousand commands.
    for (const node of cluster.primaries) {
      expect(await node.command('INFO', 'errorstats')).not.toContain('MOVED');
    }
  });

  it('has the slots that we compute', async () => {
    const [node] = cluster.primaries;
    const part = fc.constantFrom('{', '}', '{}', 'a', 'é', '8:');
    const keys = fc.sample(fc.array(part, { minLength: 1 }), 50).map((parts) => parts.join(''));
    const slots = await Promise.all(keys.map((key) => node!.command('CLUSTER', 'KEYSLOT', key)));
    expect(keys.map(slotOf)).toEqual(slots);
  });

  it('reports the memory of its fullest shard', async () => {
    const [, full] = cluster.primaries;
    await full!.command('CONFIG', 'SET', 'maxmemory', '100mb');
    const storage = await openRedis(cluster.url(), new SystemClock(), console.warn);
    expect(await storage.redisState!()).toMatchObject({ maxBytes: 100 * 2 ** 20, persists: true });
    await storage.close();
  });
});
