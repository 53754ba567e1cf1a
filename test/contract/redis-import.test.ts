import { afterAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { SystemClock } from '../../src/clock/clock.js';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR } from '../support/clock.js';
import { Program } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { RedisShards } from '../support/redis-shards.js';
import { unknown } from './cluster-store.contract.js';

describe('From one Redis to a Redis Cluster', () => {
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  it('live clusters are taken along as docs/operations.md says', async () => {
    const old = cleanUp.add(await RedisServer.start());
    const before = cleanUp.add(await openRedis(old.url, new SystemClock(), console.warn));
    const ids = Array.from({ length: 20 }, unknown);
    const lifetime = { createdAt: Date.now(), expiresAt: Date.now() + HOUR };
    for (const id of ids) {
      await before.clusters.create(id, lifetime);
      await before.clusters.add(id, { name: 'master_ip', sealed: `of ${id}` });
      await before.clusters.addMember(id, { handle: 'm', state: 'ready', sealed: 'x' });
    }

    const shards = cleanUp.add(await RedisShards.start({}, { replicas: 0 }));
    const section = readFileSync('docs/operations.md', 'utf8').split('to a Redis Cluster\n')[1]!;
    const commands = /```sh\n([^`]*)```/
      .exec(section)![1]!
      .replace('-h OLD-REDIS', `-p ${old.port}`)
      .replace('OLD-REDIS:6379', `127.0.0.1:${old.port}`)
      .replace('NODE:6379', `127.0.0.1:${shards.nodes[0]!.port}`);
    const moving = new Program('sh', ['-ec', commands]);
    expect([await moving.ended, moving.output]).toEqual([0, expect.any(String)]);

    const { clusters } = cleanUp.add(
      await openRedis(shards.url(), new SystemClock(), console.warn),
    );
    expect((await clusters.liveIds()).toSorted()).toEqual(ids.toSorted());
    for (const id of ids) {
      expect(await clusters.key(id, 'master_ip')).toMatchObject({ sealed: `of ${id}` });
      expect(await clusters.members(id)).toMatchObject({ members: [{ handle: 'm' }] });
    }
  });
});
