import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PinResolver } from '../../src/clusters/pin.resolver.js';
import { ClusterSignals } from '../../src/clusters/cluster.signals.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import type { Answer } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { InProcessService } from '../support/in-process.js';

const MANY = 1_000;
/** Long enough for an answer on a busy machine: a request without an answer by then is held. */
const A_WHILE_MS = 300;

const embedded = { name: 'One embedded service', redis: false };
const replicated = { name: 'Two replicas on Redis', redis: true };

describe.each([embedded, replicated])('$name', ({ redis: onRedis }) => {
  const clock = new MovableClock(Date.now());
  const cleanUp = new CleanUp();
  const undo: (() => void)[] = [];
  let redis: RedisServer;
  let replicas: InProcessService[];
  let one: InProcessService;
  let other: InProcessService;

  async function start(env: NodeJS.ProcessEnv = {}): Promise<InProcessService> {
    return cleanUp.add(
      await InProcessService.start(clock, { ...(redis && { REDIS_URL: redis.url }), ...env }),
    );
  }

  beforeAll(async () => {
    if (onRedis) redis = cleanUp.add(await RedisServer.start());
    one = await start();
    other = onRedis ? await start() : one;
    replicas = [one, other];
  });
  afterAll(() => cleanUp.run());
  afterEach(() => {
    for (const each of undo.splice(0)) each();
  });

  const held = (replica: InProcessService) => replica.get(HeldRequests).count;

  /** Sends a request, and returns when it is held. */
  async function ask(
    replica: InProcessService,
    pin: string,
    prefer?: string,
    name = 'master_ready',
  ) {
    const before = held(replica);
    const answer = get(replica, pin, prefer, name);
    await until('the request to be held', () => held(replica) > before);
    return answered(answer);
  }

  const get = (replica: InProcessService, pin: string, prefer?: string, name = 'master_ready') =>
    replica.api(`/clusters/${pin}/keys/${name}`, { headers: prefer ? { prefer } : {} });

  /** Wraps a promise, so that `await` does not wait for it. */
  const answered = (answer: Promise<Answer>) => ({ answer });

  const post = (replica: InProcessService, pin: string, key = 'master_ready', value = '10.0.0.1') =>
    replica.addKey(pin, key, value);

  /** Does something after each read of a key from the store of a replica, before its caller gets the result. */
  function afterRead(replica: InProcessService, happen: () => Promise<unknown>): void {
    const store = replica.get(ClusterStore);
    const key = store.key.bind(store);
    undo.push(() => (store.key = key));
    store.key = async (...of) => {
      const found = await key(...of);
      await happen();
      return found;
    };
  }

  it('answers as soon as the key is stored, on any replica', async () => {
    const pin = await one.issuePin();
    const { answer } = await ask(one, pin, 'wait=20');
    expect((await post(other, pin)).status).toBe(201);
    const { status, text, headers } = await answer;
    expect([status, text]).toEqual([200, 'master_ready: 10.0.0.1']);
    expect(headers.get('preference-applied')).toBe('wait=20');
    expect(headers.get('vary')).toBe('Prefer, Accept');
  });

  it('answers in JSON if asked to', async () => {
    const pin = await one.issuePin();
    const answer = one.api(`/clusters/${pin}/keys/k`, {
      headers: { prefer: 'wait=20', accept: 'application/json' },
    });
    await until('the request to be held', () => held(one) === 1);
    await post(other, pin, 'k', 'v');
    expect((await answer).json).toEqual({ key: 'k', value: 'v' });
  });

  it('answers at once when the key exists', async () => {
    const pin = await one.issuePin();
    await post(one, pin);
    const { status, headers } = await get(other, pin, 'wait=20');
    expect([status, headers.get('preference-applied')]).toEqual([200, 'wait=20']);
  });

  it('answers at once when the PIN is unknown', async () => {
    const { status, headers } = await get(one, 'abcdefghijkl', 'wait=20');
    expect([status, headers.has('preference-applied')]).toEqual([404, false]);
  });

  it.each([
    ['wait=10', 10],
    ['wait=9999999999999999999', 25],
    ['respond-async, Wait = "10"; x=y', 10],
    ['foo="a, wait=3", wait=10', 10],
    ['wait=10, wait=3', 10],
  ])('waits for "%s" up to %i seconds, then answers 404', async (prefer, seconds) => {
    const { answer } = await ask(one, await one.issuePin(), prefer);
    clock.advance(seconds * 950);
    await delay(A_WHILE_MS);
    expect(held(one)).toBe(1);
    clock.advance(seconds * 50 + 200);
    const { status, text, headers } = await answer;
    expect([status, text]).toEqual([404, '']);
    expect(headers.get('preference-applied')).toBe(`wait=${seconds}`);
  });

  it.each([
    ['nothing', undefined],
    ...[
      'wait=-1',
      'wait=2.5',
      'wait=soon',
      'wait="1',
      'wait',
      'wait=',
      'wait=-1, wait=10',
      'wait=0',
    ].map((prefer): [string, string] => [prefer, prefer]),
  ])('does not wait when the preference is "%s"', async (_, prefer) => {
    const { status, headers } = await get(one, await one.issuePin(), prefer);
    expect([status, headers.has('preference-applied')]).toEqual([404, false]);
  });

  it('answers waiting requests when the cluster ends, on either replica', async () => {
    const pin = await one.issuePin();
    const waiting = [await ask(one, pin, 'wait=20'), await ask(other, pin, 'wait=20')];
    expect((await other.api(`/clusters/${pin}`, { method: 'DELETE' })).status).toBe(204);
    for (const { answer } of waiting) expect((await answer).status).toBe(404);
  });

  it('answers waiting requests when the cluster expires', async () => {
    const pin = await one.issuePin();
    clock.advance(24 * HOUR - 5_000);
    const { answer } = await ask(one, pin, 'wait=20');
    clock.advance(5_200);
    expect((await answer).status).toBe(404);
  });

  it('finds a key that is stored between the first read and the subscription', async () => {
    const pin = await one.issuePin();
    let posts = 0;
    afterRead(one, async () => {
      if (posts++ === 0) await post(other, pin);
    });
    expect((await get(one, pin, 'wait=20')).status).toBe(200);
    expect(posts).toBe(2);
  });

  it('finds a key that is stored during a second read', async () => {
    const pin = await one.issuePin();
    const { answer } = await ask(one, pin, 'wait=20');
    let reads = 0;
    afterRead(one, async () => {
      if (++reads === 1) await post(other, pin);
    });
    one.get(ClusterSignals).signalsLost();
    expect((await answer).status).toBe(200);
    expect(reads).toBe(2);
  });

  it('finds a key whose signal was lost, within 15 seconds', async () => {
    const pin = await one.issuePin();
    const signals = one.get(ClusterSignals);
    const changed = signals.changed.bind(signals);
    undo.push(() => (signals.changed = changed));
    signals.changed = () => undefined;
    const { answer } = await ask(one, pin, 'wait=20');
    await post(other, pin);
    await delay(A_WHILE_MS);
    expect(held(one)).toBe(1);
    clock.advance(15_000);
    expect((await answer).status).toBe(200);
  });

  it(`releases ${MANY} requests that wait for one key, with one read`, async () => {
    const pin = await one.issuePin();
    const answers = Array.from({ length: MANY }, (_, n) => get(replicas[n % 2]!, pin, 'wait=20'));
    const holds = onRedis ? MANY / 2 : MANY;
    await until('all to be held', () => held(one) === holds && held(other) === holds, 30_000);
    let reads = 0;
    for (const replica of new Set(replicas)) afterRead(replica, async () => void reads++);
    await post(one, pin);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(MANY);
    expect(reads).toBe(new Set(replicas).size);
    expect(held(one) + held(other)).toBe(0);
  }, 60_000);

  it('no longer counts a request whose client has disconnected', async () => {
    const pin = await one.issuePin();
    const client = new AbortController();
    const gone = fetch(`${one.url}/api/v1/clusters/${pin}/keys/k`, {
      headers: { prefer: 'wait=20' },
      signal: client.signal,
    });
    await until('the request to be held', () => held(one) === 1);
    client.abort();
    await expect(gone).rejects.toThrow('aborted');
    await until('the request to be released', () => held(one) === 0);
  });

  it('waits no longer after the clock was set forward and back', async () => {
    const pin = await one.issuePin();
    const before = await ask(one, pin, 'wait=20');
    clock.advance(HOUR);
    expect((await before.answer).status).toBe(404);
    clock.advance(-HOUR);
    const after = await ask(one, pin, 'wait=20');
    clock.advance(20_200);
    expect((await after.answer).status).toBe(404);
  });

  it('answers at once when it holds the maximum number of requests', async () => {
    const small = await start({ MAX_HELD_REQUESTS: '2' });
    const pin = await small.issuePin();
    const waiting = [await ask(small, pin, 'wait=20'), await ask(small, pin, 'wait=20')];
    const { status, headers } = await get(small, pin, 'wait=20');
    expect([status, headers.has('preference-applied')]).toEqual([404, false]);
    await post(small, pin);
    for (const { answer } of waiting) expect((await answer).status).toBe(200);
  });

  it('holds requests that do not ask to wait if HOLD_BEFORE_MASTER is set, except with wait=0', async () => {
    const holding = await start({ HOLD_SECONDS: '20', HOLD_BEFORE_MASTER: 'true' });
    const pin = await holding.issuePin();
    const { answer } = await ask(holding, pin);
    expect((await get(holding, pin, 'wait=0')).status).toBe(404);
    await post(holding, pin);
    const { status, headers } = await answer;
    expect([status, headers.has('preference-applied')]).toEqual([200, false]);
  });

  describe('holds a field image, which does not ask to wait,', () => {
    const MINUTE = HOUR / 60;

    async function registered() {
      const pin = await one.issuePin();
      await post(one, pin, 'master_ip');
      return pin;
    }

    it('for master_ready once its master has registered', async () => {
      const pin = await registered();
      const { answer } = await ask(other, pin);
      await post(one, pin);
      const { status, text, headers } = await answer;
      expect([status, text]).toEqual([200, 'master_ready: 10.0.0.1']);
      expect(headers.has('preference-applied')).toBe(false);
    });

    it('for 25 seconds, and then answers 404', async () => {
      const { answer } = await ask(one, await registered());
      clock.advance(25_200);
      const { status, text } = await answer;
      expect([status, text]).toEqual([404, '']);
    });

    it('not before its master has registered, nor for another key', async () => {
      expect((await get(one, await one.issuePin())).status).toBe(404);
      expect((await get(one, await registered(), undefined, 'other')).status).toBe(404);
    });

    it('not when HOLD_SECONDS is 0, nor when it does not want to wait', async () => {
      const never = await start({ HOLD_SECONDS: '0' });
      const pin = await never.issuePin();
      await post(never, pin, 'master_ip');
      expect((await get(never, pin)).status).toBe(404);
      expect((await get(one, await registered(), 'wait=0')).status).toBe(404);
    });

    it('no longer than 25 minutes after the registration, so that it gives up at most as much later', async () => {
      const pin = await registered();
      clock.advance(25 * MINUTE - 10_000);
      const { answer } = await ask(one, pin);
      clock.advance(10_200);
      expect((await answer).status).toBe(404);
      expect((await get(one, pin)).status).toBe(404);
    });
  });

  describe('A master that fails', () => {
    const fail = (pin: string, replica = other) =>
      post(replica, pin, 'master_failed', 'no disk left');
    const stateIn = ({ status, text, headers }: Answer) => [
      status,
      text,
      headers.get('cluster-state'),
    ];
    const FAILED = [404, '', 'failed'];

    it('releases the workers that wait for it, on any replica', async () => {
      const pin = await one.issuePin();
      const waiting = [
        await ask(one, pin, 'wait=20', 'master_ready'),
        await ask(one, pin, 'wait=20', 'master_ip'),
      ];
      const others = await ask(one, pin, 'wait=20', 'other');
      expect((await fail(pin)).status).toBe(201);
      for (const { answer } of waiting) {
        expect(stateIn(await answer)).toEqual(FAILED);
        expect((await answer).headers.get('preference-applied')).toBe('wait=20');
      }
      expect(held(one)).toBe(1);
      await post(one, pin, 'other');
      expect((await others.answer).status).toBe(200);
      expect(stateIn(await get(one, pin, undefined, 'master_failed'))).toEqual([
        200,
        'master_failed: no disk left',
        null,
      ]);
      expect((await one.api(`/clusters/${pin}`)).json).toMatchObject({ state: 'failed' });
    });

    it('is not waited for, neither by workers that ask to wait nor by field images', async () => {
      const pin = await one.issuePin();
      await post(one, pin, 'master_ip');
      await fail(pin);
      for (const replica of [one, other]) {
        const asked = await get(replica, pin, 'wait=20');
        expect(stateIn(asked)).toEqual(FAILED);
        expect(asked.headers.has('preference-applied')).toBe(false);
        expect(stateIn(await get(replica, pin))).toEqual(FAILED);
      }
      expect((await get(one, pin, 'wait=20', 'master_ip')).text).toBe('master_ip: 10.0.0.1');
    });

    it('is told with every key that is missing, also when the request cannot be held', async () => {
      const full = await start({ MAX_HELD_REQUESTS: '0' });
      const pin = await full.issuePin();
      await fail(pin, full);
      for (const prefer of [undefined, 'wait=0', 'wait=20']) {
        expect(stateIn(await get(full, pin, prefer, 'other'))).toEqual(FAILED);
      }
    });

    it('releases field images', async () => {
      const pin = await one.issuePin();
      await post(one, pin, 'master_ip');
      const { answer } = await ask(one, pin);
      await fail(pin);
      expect(stateIn(await answer)).toEqual(FAILED);
    });

    it('releases the workers that wait for its address also when it is no longer ready', async () => {
      const pin = await one.issuePin();
      await fail(pin);
      await post(one, pin);
      const { answer } = await ask(one, pin, 'wait=20', 'master_ip');
      await other.api(`/clusters/${pin}/keys/master_ready`, { method: 'DELETE' });
      expect(stateIn(await answer)).toEqual(FAILED);
    });

    it('is waited for again when it is ready after all, or when its failure is removed', async () => {
      const pin = await one.issuePin();
      await fail(pin);
      await post(one, pin);
      expect(stateIn(await get(other, pin))).toEqual([200, 'master_ready: 10.0.0.1', null]);
      expect(stateIn(await get(other, pin, undefined, 'master_ip'))).toEqual([404, '', null]);

      const removed = await one.issuePin();
      await fail(removed);
      await one.api(`/clusters/${removed}/keys/master_failed`, { method: 'DELETE' });
      const { answer } = await ask(other, removed, 'wait=20');
      await post(one, removed);
      expect((await answer).status).toBe(200);
    });
  });

  it('counts fetches of the address in the background', async () => {
    const pin = await one.issuePin();
    await post(one, pin, 'master_ip');
    for (let n = 0; n < 3; n++) await get(one, pin, undefined, 'master_ip');
    const store = one.get(ClusterStore);
    const { id } = await one.get(PinResolver).resolve(pin);
    await until('them to be counted', async () => (await store.find(id))?.fetches === 3);
    expect((await store.find(id))?.firstFetchedAt).toBe(clock.now());
  });
});

describe('A Redis that dies while requests are held', () => {
  const clock = new MovableClock(Date.now());
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  it('does not interrupt them, and they are answered when it is back', async () => {
    const redis = cleanUp.add(
      await RedisServer.start({ appendonly: 'yes', appendfsync: 'always' }),
    );
    const replica = cleanUp.add(await InProcessService.start(clock, { REDIS_URL: redis.url }));
    const pins = [await replica.issuePin(), await replica.issuePin()];
    const answers = pins.map((pin) =>
      replica.api(`/clusters/${pin}/keys/k`, { headers: { prefer: 'wait=25' } }),
    );
    const count = () => replica.get(HeldRequests).count;
    await until('both to be held', () => count() === 2);
    const hasStorage = async () => {
      const answer = await fetch(`${replica.url}/health/ready`);
      return ((await answer.json()) as { storage: string }).storage === 'up';
    };

    await redis.kill();
    await until('it to be noticed', async () => !(await hasStorage()));
    expect(count()).toBe(2);
    await redis.restart();
    await until('it to be used again', hasStorage);
    for (const pin of pins) expect((await replica.addKey(pin, 'k', 'v')).status).toBe(201);
    for (const answer of await Promise.all(answers)) expect(answer.text).toBe('k: v');
  });
});
