import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';
import { CleanUp } from '../support/clean-up.js';
import { Client } from '../support/client.js';
import { formCluster, Machine, TRIES } from '../support/cluster.js';
import { hostService } from '../support/hosted-service.js';
import { Load } from '../support/load.js';
import { Scrape } from '../support/metrics.js';
import { freePort } from '../support/ports.js';
import { RedisServer } from '../support/redis.js';

const TIMEOUT_MS = 120_000;
const PIN_SECRET = 'the same on both replicas, and random';
/** What a deployment without rights on `limit:*` gives its Redis user. */
const WITHOUT_LIMITS = 'pairing on >do-not-tell ~cluster:* &cluster-signals +@all';

describe('A client that asks for unknown PINs', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  async function start(redisUrl?: string, env: NodeJS.ProcessEnv = {}) {
    const settings = { ...(redisUrl && { REDIS_URL: redisUrl }), ...env };
    const service = cleanUp.add(await hostService(settings));
    return { service, client: cleanUp.add(new Client(service.url, { keepAlive: true })) };
  }

  const guess = (client: Client, from?: string) =>
    client.request(
      'GET',
      `/api/v1/clusters/${generatePin()}/keys/master_ip`,
      undefined,
      from === undefined ? {} : { 'x-forwarded-for': from },
    );

  async function guesses(client: Client, count: number, from?: string) {
    const statuses = [];
    for (let n = 0; n < count; n++) statuses.push((await guess(client, from)).status);
    return statuses;
  }
  const times = (count: number, status: number) => Array.from({ length: count }, () => status);

  it('gets 429 with Retry-After after 20 of them', async () => {
    const { client } = await start();
    expect(await guesses(client, 22)).toEqual([...times(20, 404), ...times(2, 429)]);
    const { retryAfter, body } = await guess(client);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(body).toBe(''); // as any refusal in text
  });

  it('is counted on every route', async () => {
    const { client } = await start();
    const of = (method: string, path: string, json?: object) =>
      client.request(method, `/api/v1/clusters/${generatePin()}${path}`, json);
    const item = { key: 'a', value: 'b' };
    for (let n = 0; n < 3; n++) {
      for (const { status } of [
        await of('GET', ''),
        await of('DELETE', ''),
        await of('GET', '/keys'),
        await of('POST', '/keys', item),
        await of('PUT', '/keys/a', item),
        await of('PATCH', '/keys/a', item),
        await of('DELETE', '/keys/a'),
      ]) {
        expect([404, 429]).toContain(status);
      }
    }
    expect((await guess(client)).status).toBe(429);
  });

  it('is counted on every route of members, and not held', async () => {
    const { client } = await start();
    const prefer = { prefer: 'wait=25' };
    const of = (method: string, path: string, json?: object, headers = {}) =>
      client.request(method, `/api/v1/clusters/${generatePin()}/members${path}`, json, headers);
    // Twenty altogether, so each of them is needed for the block.
    for (let n = 0; n < 4; n++) {
      for (const { status } of [
        await of('GET', '?at_least=1', undefined, prefer),
        await of('GET', '', undefined, { ...prefer, 'if-none-match': '"x"' }),
        await of('GET', '/worker-1', undefined, prefer),
        await of('PUT', '/worker-1', { address: '10.0.0.2', state: 'ready' }),
        await of('DELETE', '/worker-1'),
      ]) {
        expect(status).toBe(404);
      }
    }
    expect((await guess(client)).status).toBe(429);
  });

  it.each(['Redis', 'the embedded store'])(
    'causes at most 10 lookups a second in %s, while a cluster at the same address pairs',
    async (storage) => {
      const redis = storage === 'Redis' ? cleanUp.add(await RedisServer.start()) : undefined;
      const metricsPort = await freePort();
      const env = { METRICS_PORT: String(metricsPort) };
      const { service, client } = await start(redis?.url, env);
      const lookUps = () =>
        redis ? commandsAboutClusters(redis) : operationsOnClusters(metricsPort);
      const guesser = new Load(8, () => guess(client));
      while (!guesser.results.some(({ status }) => status === 429)) await guess(client);

      const received = await formCluster(
        () => new Machine([client], []),
        await service.issuePin(),
        '10.10.25.5',
        5,
        Promise.resolve(),
      );
      const [before, tried, begun] = [await lookUps(), guesser.results.length, performance.now()];
      await delay(3_000);
      const cost = (await lookUps()) - before;
      const seconds = (performance.now() - begun) / 1000;
      const outcomes = (await guesser.stop()).slice(tried);

      expect(received).toEqual(Array.from({ length: 5 }, () => 'master_ip: 10.10.25.5'));
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([429]));
      expect(outcomes.length).toBeGreaterThan(100 * seconds);
      expect(cost).toBeGreaterThan(0); // it counts
      expect(cost).toBeLessThanOrEqual(10 * seconds);
    },
    TIMEOUT_MS,
  );

  it('is throttled by all replicas', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const [{ client: one }, { client: other }] = [
      await start(redis.url, { PIN_SECRET }),
      await start(redis.url, { PIN_SECRET }),
    ];
    await guesses(one, 20);
    await guesses(other, 2);
    expect((await guess(other)).status).toBe(429);
  });

  it('may affect clients of the same network, but no others', async () => {
    const { client } = await start(undefined, { TRUSTED_PROXIES: '1' });
    for (let host = 1; host <= 5; host++) await guesses(client, 20, `192.0.2.${host}`);
    expect((await guesses(client, 2, '192.0.2.99')).at(-1)).toBe(429);
    expect(await guesses(client, 1, '198.51.100.1')).toEqual([404]);
  });

  it('cannot forge its address where no proxy is trusted', async () => {
    const { client } = await start();
    for (let n = 0; n < 21; n++) await guess(client, `192.0.2.${n}`);
    expect((await guess(client, '198.51.100.1')).status).toBe(429);
  });

  it.each([
    ['by their addresses', '127.0.0.1,10.0.0.0/8', ', 10.1.2.3'],
    ['by their number', '1', ''],
  ])('cannot forge its address through trusted proxies, known %s', async (_, trusted, proxies) => {
    const { client } = await start(undefined, { TRUSTED_PROXIES: trusted });
    for (let n = 0; n < 21; n++) await guess(client, `192.0.2.${n}, 198.51.100.1${proxies}`);
    expect((await guess(client, '203.0.113.7, 198.51.100.1')).status).toBe(429);
    expect((await guess(client, '198.51.100.200')).status).toBe(404);
  });

  it('is still throttled, and machines are served, when Redis cannot count', async () => {
    const redis = cleanUp.add(await RedisServer.start({ user: WITHOUT_LIMITS }));
    const url = redis.url.replace('//', '//pairing:do-not-tell@');
    const { service, client } = await start(url);
    expect((await guesses(client, 21)).at(-1)).toBe(429);
    const keys = `/api/v1/clusters/${await service.issuePin()}/keys`;
    const json = { key: 'master_ip', value: '10.10.25.5' };
    expect((await client.request('POST', keys, json)).status).toBe(201);
    expect(service.output).toContain('Limits are not shared with other replicas: NOPERM');
  });

  /** What Redis was asked about clusters; counting is not. */
  async function commandsAboutClusters(redis: RedisServer): Promise<number> {
    const stats = String(await redis.command('INFO', 'commandstats'));
    const calls = (command: string) =>
      Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    return calls('hmget') + calls('hgetall') + calls('scan') + calls('evalsha');
  }

  async function operationsOnClusters(metricsPort: number): Promise<number> {
    const scrape = await Scrape.of(`http://127.0.0.1:${metricsPort}/metrics`);
    const name = 'pairing_storage_operation_duration_seconds_count';
    return scrape.value(name, { store: 'clusters' }) ?? 0;
  }
});

describe('A thousand workers at one address', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  async function start() {
    const service = cleanUp.add(await hostService());
    const client = cleanUp.add(new Client(service.url, { keepAlive: true }));
    return { client, keys: `/api/v1/clusters/${await service.issuePin()}/keys` };
  }
  const workers = Array.from({ length: 1_000 });

  it(
    'poll for a missing key, and none is throttled',
    async () => {
      const { client, keys } = await start();
      const statuses = new Set<number | undefined>();
      // All of their patience, without the pauses, which is harder on the limit.
      const poll = async () => {
        for (let tries = 0; tries < TRIES; tries++) {
          statuses.add((await client.get(`${keys}/master_ready`)).status);
        }
      };
      await Promise.all(workers.map(poll));
      expect(statuses).toEqual(new Set([404]));
    },
    TIMEOUT_MS,
  );

  it(
    'wait for it, and all get it when it is stored',
    async () => {
      const { client, keys } = await start();
      const prefer = { prefer: 'wait=25' };
      const waits = Promise.all(
        workers.map(() => client.request('GET', `${keys}/master_ready`, undefined, prefer)),
      );
      await delay(2_000);
      const posted = performance.now();
      await client.request('POST', keys, { key: 'master_ready', value: 'true' });
      const outcomes = await waits;

      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(outcomes.map(({ body }) => body))).toEqual(new Set(['master_ready: true']));
      for (const { start: asked, ms } of outcomes) expect(asked + ms).toBeGreaterThan(posted);
    },
    TIMEOUT_MS,
  );
});

describe('A user who issues too many PINs', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it('gets 429 with Retry-After above the limit, and no other user does', async () => {
    const service = cleanUp.add(await hostService({ MAX_PINS_PER_HOUR: '3' }));
    const issue = async (user: string) =>
      fetch(`${service.url}/api/v1/clusters`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await service.token(user)}` },
      });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await issue('mcurie')).status);
    expect(statuses).toEqual([201, 201, 201, 429]);
    expect(Number((await issue('mcurie')).headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect((await issue('other')).status).toBe(201);
  });
});
