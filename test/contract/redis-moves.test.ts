import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/clock.js';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import type { OpenStorage } from '../../src/storage/storage.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR } from '../support/clock.js';
import { until } from '../support/process.js';
import { RedisShards } from '../support/redis-shards.js';
import { unknown } from './cluster-store.contract.js';

const key = (name: string, sealed = 'x') => ({ name, sealed });
const member = (handle: string) => ({ handle, state: 'ready' as const, sealed: 'y' });

describe('While a slot of a Redis Cluster is moved', () => {
  const cleanUp = new CleanUp();
  let redis: RedisShards;
  /** Two replicas of the service. */
  let one: OpenStorage;
  let other: OpenStorage;
  const heard: string[] = [];

  beforeAll(async () => {
    redis = cleanUp.add(await RedisShards.start({}, { replicas: 0 }));
    const open = () => openRedis(redis.url(), new SystemClock(), console.warn);
    one = cleanUp.add(await open());
    other = cleanUp.add(await open());
    other.signals.listen({
      changed: (id, change) => heard.push(`${id} ${change}`),
      signalsLost: () => heard.push('lost'),
    });
  });
  afterAll(() => cleanUp.run());

  /** A cluster, the names of its keys in Redis, and how its slot is moved. Each test has a slot of its own. */
  async function cluster(tag: string) {
    const id = tag + unknown().slice(2);
    await one.clusters.create(id, { createdAt: Date.now(), expiresAt: Date.now() + HOUR });
    const name = `{${tag}}${id.slice(2)}`;
    const move = await redis.placesOf(name);
    return { id, hash: `cluster:${name}`, members: `cluster:members:${name}`, move };
  }

  it('nothing is lost or refused, before and after its keys have moved', async () => {
    const { id, hash, move } = await cluster('aa');
    await one.clusters.add(id, key('before'));
    await redis.beginMove(move);
    expect(await one.clusters.add(id, key('not-moved'))).toEqual({ outcome: 'added' });
    await redis.moveKeys(move, hash);
    expect(await one.clusters.add(id, key('moved'))).toEqual({ outcome: 'added' });
    expect(await other.clusters.key(id, 'not-moved')).toMatchObject({ sealed: 'x' });
    await redis.endMove(move);
    expect(await one.clusters.add(id, key('after'))).toEqual({ outcome: 'added' });
    for (const { clusters } of [one, other]) {
      const names = (await clusters.keys(id))?.map(({ name }) => name);
      expect(names).toEqual(['before', 'not-moved', 'moved', 'after']);
    }
  });

  it('clusters begin and end in it', async () => {
    const { id, hash, move } = await cluster('ab');
    await redis.beginMove(move);
    const born = `ab${unknown().slice(2)}`;
    const lifetime = { createdAt: Date.now(), expiresAt: Date.now() + HOUR };
    expect(await one.clusters.create(born, lifetime)).toBe(true);
    expect(await other.clusters.find(born)).toMatchObject(lifetime);
    await redis.moveKeys(move, hash);
    await redis.endMove(move);
    expect(await one.clusters.end(born)).toMatchObject(lifetime);
    expect(await other.clusters.end(id)).toBeDefined();
  });

  it('a change of two keys, of which one has moved, waits for the other', async () => {
    const { id, hash, members, move } = await cluster('ac');
    await one.clusters.addMember(id, member('first'));
    await redis.beginMove(move);
    await redis.moveKeys(move, hash);
    const joining = one.clusters.addMember(id, member('second'));
    await redis.moveKeys(move, members);
    expect(await joining).toMatchObject({ outcome: 'added' });
    await redis.endMove(move);
    expect(await other.clusters.memberCounts(id)).toMatchObject({ workers: { joined: 2 } });
  });

  it('such a change is refused within a second if the move does not continue', async () => {
    const { id, hash, move } = await cluster('ad');
    await one.clusters.addMember(id, member('first'));
    await redis.beginMove(move);
    await redis.moveKeys(move, hash);
    const begin = performance.now();
    await expect(one.clusters.addMember(id, member('second'))).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it('each replica of the service reads again when it has moved, and gets signals from the new shard', async () => {
    const { id, hash, move } = await cluster('ae');
    await redis.beginMove(move);
    await redis.moveKeys(move, hash);
    heard.length = 0;
    await redis.endMove(move);
    await until('the loss of signals to be reported', () => heard.includes('lost'));
    await one.clusters.add(id, key('after'));
    await until('the signal', () => heard.includes(`${id} key:after`));
    // And back again.
    const back = { slot: move.slot, from: move.to, to: move.from };
    heard.length = 0;
    await redis.beginMove(back);
    await redis.moveKeys(back, hash);
    await redis.endMove(back);
    await until('the loss of signals to be reported', () => heard.includes('lost'));
    await one.clusters.add(id, key('back'));
    await until('the signal', () => heard.includes(`${id} key:back`));
    expect(heard.filter((signal) => signal.endsWith('key:back'))).toHaveLength(1);
  });

  it('counts are written to the shards that can be reached, and returned for the others', async () => {
    const there = await cluster('af');
    const away = await cluster('ag');
    const counts = new Map([
      [there.id, 2],
      [away.id, 3],
    ]);
    expect(there.move.from).not.toBe(away.move.from);
    await away.move.from.kill();
    expect(await one.clusters.countFetches(counts)).toEqual(new Map([[away.id, 3]]));
    expect(await one.clusters.find(there.id)).toMatchObject({ fetches: 2 });
    await expect(one.clusters.check()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});
