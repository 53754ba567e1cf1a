import { afterAll, beforeAll } from '@jest/globals';
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
