import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClusterSignals } from '../../src/clusters/cluster.signals.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { KeyCache } from '../../src/keys/key-cache.js';
import { KeysService } from '../../src/keys/keys.service.js';
import { PrometheusMetrics } from '../../src/metrics/prometheus-metrics.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { Scrape } from '../support/metrics.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';

const AUTHOR = { address: '127.0.0.1' };
const notFound = { code: 'not-found' };

/** What a worker is answered that asks for a key. */
async function poll(service: InProcessService, pin: string, name: string) {
  await service.get(ClusterSignals).delivered();
  return service.get(KeyCache).get(pin, name);
}

describe.each(['SQLite', 'Redis'])('A cached key, on %s,', (storage) => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let service: InProcessService;
  let keys: KeysService;
  let pin: string;

  beforeAll(async () => {
    const redis = storage === 'Redis' && cleanUp.add(await RedisServer.start());
    const env = redis ? { REDIS_URL: redis.url } : {};
    service = cleanUp.add(await InProcessService.start(clock, env));
    keys = service.get(KeysService);
  });
  afterAll(() => cleanUp.run());
  beforeEach(async () => {
    pin = await service.issuePin();
  });

  const add = (key: string) => keys.add(pin, { name: key, value: 'x' }, AUTHOR.address);
  const valueOf = async (key: string) => (await poll(service, pin, key)).key?.value;
  const reads = async () =>
    Scrape.parse(await service.get(PrometheusMetrics).text()).value(
      'pairing_storage_operation_duration_seconds_count',
      { operation: 'key' },
    ) ?? 0;
  const readsOf = async (ask: () => Promise<unknown>) => {
    const before = await reads();
    await ask();
    return (await reads()) - before;
  };

  it('is read once from the store, for each key', async () => {
    await add('master_ip');
    const together = () =>
      Promise.all(
        Array.from({ length: 100 }, (_, n) => valueOf(n % 2 ? 'master_ip' : 'master_ready')),
      );
    expect(await readsOf(together)).toBe(2);
    const found = await together();
    expect(found.filter((value) => value === 'x')).toHaveLength(50);
  });

  it('is cached for a second', async () => {
    expect(await readsOf(() => valueOf('a'))).toBe(1);
    clock.advance(999);
    expect(await readsOf(() => valueOf('a'))).toBe(0);
    clock.advance(1);
    expect(await readsOf(() => valueOf('a'))).toBe(1);
  });

  it('is dropped when the clock is set back', async () => {
    expect(await readsOf(() => valueOf('a'))).toBe(1);
    expect(await readsOf(() => valueOf('a'))).toBe(0);
    clock.advance(-HOUR);
    expect(await readsOf(() => valueOf('a'))).toBe(1);
  });

  it('stays cached when fetches are counted', async () => {
    const { id } = (await poll(service, pin, 'a')).cipher;
    let heard = false;
    const changed = (changedId: string) => (heard ||= changedId === id);
    service.get(ClusterSignals).listen({ changed, signalsLost: () => undefined });
    await service.get(ClusterStore).countFetches(new Map([[id, 1]]));
    await until('that to be heard', () => heard);
    expect(await readsOf(() => valueOf('a'))).toBe(0);
  });

  it('is not served after a change', async () => {
    expect(await valueOf('a')).toBeUndefined();
    await add('a');
    expect(await valueOf('a')).toBe('x');
    await keys.change(pin, 'a', { value: 'y' }, AUTHOR);
    expect(await valueOf('a')).toBe('y');
    await keys.change(pin, 'a', { name: 'b' }, AUTHOR);
    expect([await valueOf('a'), await valueOf('b')]).toEqual([undefined, 'y']);
    await keys.remove(pin, 'b', AUTHOR);
    expect(await valueOf('b')).toBeUndefined();
  });

  it('is not served after the cluster has ended', async () => {
    await valueOf('a');
    await service.api(`/clusters/${pin}`, { method: 'DELETE' });
    await expect(poll(service, pin, 'a')).rejects.toMatchObject(notFound);
  });

  it('is not served after the cluster has expired, within the second either', async () => {
    clock.advance(24 * HOUR - 500);
    await add('a');
    expect(await valueOf('a')).toBe('x');
    clock.advance(500);
    await expect(poll(service, pin, 'a')).rejects.toMatchObject(notFound);
  });

  it('is not kept for an unknown PIN: each request reads the store', async () => {
    const unknown = 'abcdefghijkl';
    const ask = () => expect(poll(service, unknown, 'a')).rejects.toMatchObject(notFound);
    expect(await readsOf(ask)).toBe(1);
    expect(await readsOf(ask)).toBe(1);
    await Promise.all([ask(), ask(), ask()]);
  });
});

describe('A cached key, on one of two replicas,', () => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let redis: RedisServer;
  let service: InProcessService;
  let other: InProcessService;
  let pin: string;

  beforeAll(async () => {
    redis = cleanUp.add(await RedisServer.start());
    const start = () => InProcessService.start(clock, { REDIS_URL: redis.url });
    service = cleanUp.add(await start());
    other = cleanUp.add(await start());
  });
  afterAll(() => cleanUp.run());
  beforeEach(async () => {
    pin = await service.issuePin();
  });

  const keysOf = (replica: InProcessService) => replica.get(KeysService);
  const pollKey = () => poll(service, pin, 'a');
  const valueOf = async () => (await pollKey()).key?.value;
  const add = (replica: InProcessService) =>
    keysOf(replica).add(pin, { name: 'a', value: 'x' }, AUTHOR.address);

  /** Removes a key behind the service, so that no signal is sent. */
  async function removeSilently(): Promise<{ id: string; putBack: () => Promise<unknown> }> {
    const { id } = (await pollKey()).cipher;
    const [hash, field] = [`cluster:${id}`, 'key:a'];
    const value = String(await redis.command('HGET', hash, field));
    await redis.command('HDEL', hash, field);
    return { id, putBack: () => redis.command('HSET', hash, field, value) };
  }

  it('is dropped when the other replica changes it', async () => {
    expect(await valueOf()).toBeUndefined();
    await add(other);
    await until('the key to be seen', async () => (await valueOf()) === 'x');
    await keysOf(other).remove(pin, 'a', AUTHOR);
    await until('it to be gone', async () => (await valueOf()) === undefined);
    await add(other);
    await other.api(`/clusters/${pin}`, { method: 'DELETE' });
    const refused = () =>
      pollKey().then(
        () => false,
        () => true,
      );
    await until('the cluster to be gone', refused);
  });

  it('is dropped by a signal that arrives during the read', async () => {
    await add(service);
    const { id, putBack } = await removeSilently();
    clock.advance(1_000);
    expect(await valueOf()).toBeUndefined();
    await putBack();
    const asked = valueOf();
    service.get(ClusterSignals).changed(id, 'key:a');
    expect(await asked).toBe('x');
  });

  it('is at most a second old when a signal is lost', async () => {
    await add(service);
    await removeSilently();
    expect(await valueOf()).toBe('x');
    clock.advance(1_000);
    expect(await valueOf()).toBeUndefined();
  });

  it('is dropped when the connection to Redis was lost', async () => {
    await add(service);
    await removeSilently();
    expect(await valueOf()).toBe('x');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    const seen = () => valueOf().catch(() => 'Redis is away');
    await until('the change to be seen', async () => (await seen()) === undefined);
  });

  it('is not used by a request that begins to wait', async () => {
    await add(service);
    const { putBack } = await removeSilently();
    clock.advance(1_000);
    expect(await valueOf()).toBeUndefined();
    await putBack();
    const waited = await service.api(`/clusters/${pin}/keys/a`, { headers: { prefer: 'wait=20' } });
    expect(waited.text).toBe('a: x');
  });
});
