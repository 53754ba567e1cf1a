import { describeClusterStore, type StoreUnderTest } from './cluster-store.contract.js';
import { describeClusterSignals } from './cluster-signals.contract.js';
import { describeRaces } from './cluster-store.races.js';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import { RedisServer } from '../support/redis.js';

const redis: StoreUnderTest = {
  name: 'Redis',
  async start(clock) {
    const server = await RedisServer.start();
    return {
      open: () => openRedis(server.url, clock, console.warn),
      stop: () => server.stop(),
    };
  },
};

describeClusterStore(redis);
describeRaces(redis);
describeClusterSignals(redis, 2);
