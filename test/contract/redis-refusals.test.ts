import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/clock.js';
import type { ClusterStore } from '../../src/clusters/cluster.store.js';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR } from '../support/clock.js';
import { RedisServer } from '../support/redis.js';
import { unknown } from './cluster-store.contract.js';

describe('A Redis that refuses to write', () => {
  const cleanUp = new CleanUp();
  let redis: RedisServer;
  let store: ClusterStore;

  beforeAll(async () => {
    redis = cleanUp.add(await RedisServer.start());
    const clock = new SystemClock();
    store = cleanUp.add(await openRedis(redis.url, clock, console.warn)).clusters;
  });
  afterAll(() => cleanUp.run());

  it.each([
    ['has no memory left', 'maxmemory', '1', '0'],
    ['has no replica near', 'min-replicas-to-write', '1', '0'],
  ])(
    'because it %s is unavailable for writes, changes nothing, and can still be read',
    async (...reason) => {
      const [, setting, refusing, writing] = reason;
      const id = unknown();
      const key = { name: 'master_ip', sealed: 'first' };
      await store.create(id, { createdAt: Date.now(), expiresAt: Date.now() + HOUR });
      await store.add(id, key);
      const before = await store.find(id);

      await redis.command('CONFIG', 'SET', setting, refusing);
      const other = { name: 'other', sealed: 'second' };
      const refusal = expect.objectContaining({ code: 'storage-unavailable' });
      await expect(store.create(unknown(), before!)).rejects.toEqual(refusal);
      await expect(store.add(id, other)).rejects.toEqual(refusal);
      await expect(store.replace(id, key.name, key.sealed, other)).rejects.toEqual(refusal);
      await expect(store.countSecondMaster(id)).rejects.toEqual(refusal);
      const member = { handle: 'a', state: 'ready', sealed: 'x' } as const;
      await expect(store.addMember(id, member)).rejects.toEqual(refusal);
      expect(await store.find(id)).toEqual(before);
      expect(await store.keys(id)).toEqual([key]);

      await redis.command('CONFIG', 'SET', setting, writing);
      expect(await store.add(id, other)).toEqual({ outcome: 'added' });
    },
  );

  it('because it has become a replica is not used until it is a primary again', async () => {
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    const refusal = expect.objectContaining({ code: 'storage-unavailable' });
    await expect(store.check()).rejects.toEqual(refusal);
    await redis.command('REPLICAOF', 'NO', 'ONE');
    expect(await store.check()).toEqual([]);
  });
});
