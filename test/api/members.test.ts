import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_MEMBERS } from '../../src/clusters/cluster.js';
import { ClusterSignals } from '../../src/clusters/cluster.signals.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { PinResolver } from '../../src/clusters/pin.resolver.js';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import { type Answer, problem } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';

const UNKNOWN_PIN = 'abcdefghijkl';
const JSON_ONLY = { accept: 'application/json' };

const embedded = { name: 'One embedded service', redis: false };
const replicated = { name: 'Two replicas on Redis', redis: true };

describe.each([embedded, replicated])('Members: $name', ({ redis: onRedis }) => {
  const clock = new MovableClock(Date.now());
  const cleanUp = new CleanUp();
  const undo: (() => void)[] = [];
  /** All requests of a test go to `one`, except where it is about two replicas. */
  let one: InProcessService;
  let other: InProcessService;

  beforeAll(async () => {
    const redis = onRedis ? cleanUp.add(await RedisServer.start()) : undefined;
    const env = { TRUSTED_PROXIES: '127.0.0.1', ...(redis && { REDIS_URL: redis.url }) };
    one = cleanUp.add(await InProcessService.start(clock, env));
    other = onRedis ? cleanUp.add(await InProcessService.start(clock, env)) : one;
  });
  afterAll(() => cleanUp.run());
  afterEach(() => {
    for (const each of undo.splice(0)) each();
  });

  const pathOf = (pin: string, name = '') => `/clusters/${pin}/members${name && `/${name}`}`;

  /** Puts a member as the machine at the address `from`. */
  const put = (
    pin: string,
    name: string,
    json: object = { address: '10.0.0.2', state: 'waiting' },
    { from = '192.0.2.1', replica = one } = {},
  ) =>
    replica.api(pathOf(pin, name), {
      method: 'PUT',
      json,
      headers: { ...JSON_ONLY, 'x-forwarded-for': from },
    });

  const list = (
    pin: string,
    query = '',
    headers: Record<string, string> = JSON_ONLY,
    replica = one,
  ) => replica.api(pathOf(pin) + query, { headers });

  /** A cluster with these members, such as `{ a: 'ready' }`. */
  async function clusterOf(members: Record<string, string> = {}): Promise<string> {
    const pin = await one.issuePin();
    let n = 1;
    for (const [name, state] of Object.entries(members)) {
      await put(pin, name, { address: `10.0.0.${++n}`, state });
    }
    return pin;
  }

  const names = ({ json }: Answer) => (json as { name: string }[]).map(({ name }) => name);

  describe('PUT', () => {
    it('joins with 201, changes with 200, and repeats without a change', async () => {
      const pin = await clusterOf();
      const joined = clock.now();
      const time = (ms: number) => new Date(ms).toISOString();
      const waiting = await put(pin, 'node-1', { address: '10.0.0.2', state: 'waiting' });
      expect([waiting.status, waiting.json]).toEqual([
        201,
        {
          name: 'node-1',
          address: '10.0.0.2',
          state: 'waiting',
          detail: null,
          joined_time: time(joined),
          updated_time: time(joined),
        },
      ]);

      clock.advance(2_000);
      const ready = { address: '10.0.0.2', state: 'ready', detail: 'all daemons run' };
      const changed = await put(pin, 'node-1', ready);
      expect([changed.status, changed.json]).toEqual([
        200,
        {
          name: 'node-1',
          ...ready,
          joined_time: time(joined),
          updated_time: time(joined + 2_000),
        },
      ]);

      clock.advance(2_000);
      const repeated = await put(pin, 'node-1', ready);
      expect([repeated.status, repeated.json]).toEqual([200, changed.json]);
    });

    it('takes a form, and answers a line of hosts(5) unless JSON is preferred', async () => {
      const pin = await clusterOf();
      const { status, text, headers } = await one.api(pathOf(pin, 'node-1'), {
        method: 'PUT',
        form: { address: '2001:db8::7', state: 'ready', detail: ' ' },
      });
      expect([status, text]).toEqual([201, '2001:db8::7 node-1\n']);
      expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('vary')).toBe('Prefer, Accept');
    });

    it('leaves out a detail that is left out', async () => {
      const pin = await clusterOf();
      await put(pin, 'a', { address: '10.0.0.2', state: 'failed', detail: 'no disk' });
      const { json } = await put(pin, 'a', { address: '10.0.0.2', state: 'failed', detail: null });
      expect(json).toMatchObject({ state: 'failed', detail: null });
    });

    it('refuses a name that another machine has, until it is removed', async () => {
      const pin = await clusterOf();
      await put(pin, 'a', undefined, { from: '192.0.2.1' });
      const refused = await put(pin, 'a', undefined, { from: '192.0.2.2' });
      expect(refused.json).toEqual(problem(409, 'member-exists'));
      expect((await one.api(pathOf(pin, 'a'), { method: 'DELETE' })).status).toBe(204);
      expect((await put(pin, 'a', undefined, { from: '192.0.2.2' })).status).toBe(201);
    });

    it('takes names in any case for the same', async () => {
      const pin = await clusterOf();
      await put(pin, 'Node-1.CERN.ch');
      const { status, json } = await put(pin, 'node-1.cern.CH');
      expect([status, json]).toEqual([200, expect.objectContaining({ name: 'node-1.cern.ch' })]);
      expect((await one.api(pathOf(pin, 'NODE-1.cern.ch'))).text).toBe('10.0.0.2 node-1.cern.ch\n');
    });

    it.each(
      ['a', '0', 'node-1', `${'a'.repeat(63)}.b`, `${'a.'.repeat(126)}b`, '3com'].filter(
        (name) => name !== '0',
      ),
    )('accepts the name %s', async (name) => {
      expect((await put(await clusterOf(), name)).status).toBe(201);
    });

    it.each([
      '-a',
      'a-',
      'a_b',
      'a..b',
      'a.',
      '.a',
      '1.2.3.4',
      '12',
      'a'.repeat(64),
      `${'a.'.repeat(127)}b`,
      'a%20b',
      'a%0Ab',
      'a%2Fb',
      '%C3%A9',
      '%00',
      '*',
    ])('refuses the name %s', async (name) => {
      const pin = await clusterOf();
      const { json } = await put(pin, name);
      expect(json).toEqual(
        problem(400, 'bad-request', { name: [expect.stringContaining('RFC 1123')] }),
      );
      for (const method of ['GET', 'DELETE']) {
        const { status } = await one.api(pathOf(pin, name), { method, headers: JSON_ONLY });
        expect(status).toBe(400);
      }
    });

    const address = '10.0.0.2';
    const state = 'ready';
    it.each([
      [{ state }, { address: ['This field is required.'] }],
      [{ address: 'node-1', state }, { address: ['Must be an IPv4 or IPv6 address.'] }],
      [{ address: 'fe80::1%eth0', state }, { address: ['Must be an IPv4 or IPv6 address.'] }],
      [{ address: '10.0.0.2 ', state }, { address: ['Must be an IPv4 or IPv6 address.'] }],
      [{ address: 7, state }, { address: ['Must be an IPv4 or IPv6 address.'] }],
      [{ address }, { state: ['This field is required.'] }],
      [{ address, state: 'Ready' }, { state: ['Must be one of waiting, ready, failed.'] }],
      [{ address, state: '__proto__' }, { state: ['Must be one of waiting, ready, failed.'] }],
      [
        { address, state, detail: 'x'.repeat(201) },
        { detail: ['Ensure this field has no more than 200 characters.'] },
      ],
      [
        { address, state, detail: 'two\nlines' },
        { detail: ['This field must be one line without control characters.'] },
      ],
      [{ address, state, detail: 1 }, { detail: ['Not a valid string.'] }],
      [{ address, state, name: 'b' }, { name: ['This field is not known here.'] }],
    ])('refuses %j', async (body, errors) => {
      const pin = await clusterOf();
      expect((await put(pin, 'a', body)).json).toEqual(problem(400, 'invalid-body', errors));
      expect(names(await list(pin))).toEqual([]);
    });

    it('refuses a field that a form has twice', async () => {
      const { json } = await one.api(pathOf(await clusterOf(), 'a'), {
        method: 'PUT',
        form: 'address=10.0.0.2&state=ready&state=failed',
        headers: JSON_ONLY,
      });
      expect(json).toEqual(problem(400, 'invalid-body', { state: [expect.any(String)] }));
    });

    it('answers errors as empty text to a script', async () => {
      const { status, text } = await one.api(pathOf(await clusterOf(), 'a'), {
        method: 'PUT',
        json: {},
      });
      expect([status, text]).toEqual([400, '']);
    });

    it('changes one of two requests after the other', async () => {
      const pin = await clusterOf({ a: 'waiting' });
      const both = await Promise.all([
        put(pin, 'a', { address: '10.0.0.3', state: 'ready' }),
        put(pin, 'a', { address: '10.0.0.4', state: 'failed' }, { replica: other }),
      ]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      expect(names(await list(pin))).toEqual(['a']);
    });
  });

  describe('GET and DELETE of one', () => {
    it('answer text, JSON by Accept, and 404 with an empty text', async () => {
      const pin = await clusterOf({ a: 'ready' });
      expect((await one.api(pathOf(pin, 'a'))).text).toBe('10.0.0.2 a\n');
      const { json } = await one.api(pathOf(pin, 'a'), { headers: JSON_ONLY });
      expect(json).toMatchObject({ name: 'a', state: 'ready' });
      const missing = await one.api(pathOf(pin, 'b'));
      expect([missing.status, missing.text]).toEqual([404, '']);
    });

    it('wait until the member has joined', async () => {
      const pin = await clusterOf({ a: 'ready' });
      const answer = one.api(pathOf(pin, 'b'), { headers: { prefer: 'wait=20' } });
      await until('it to be held', () => one.get(HeldRequests).count === 1);
      await put(pin, 'b', { address: '10.0.0.9', state: 'waiting' }, { replica: other });
      const { status, text, headers } = await answer;
      expect([status, text]).toEqual([200, '10.0.0.9 b\n']);
      expect(headers.get('preference-applied')).toBe('wait=20');
    });

    it('remove it once', async () => {
      const pin = await clusterOf({ a: 'ready', b: 'ready' });
      const remove = () => one.api(pathOf(pin, 'a'), { method: 'DELETE', headers: JSON_ONLY });
      expect((await remove()).status).toBe(204);
      expect((await remove()).json).toEqual(problem(404, 'not-found'));
      expect(names(await list(pin))).toEqual(['b']);
    });
  });

  it('answer other methods with 405 and Allow, and HEAD and OPTIONS', async () => {
    const pin = await clusterOf({ a: 'ready' });
    const post = await one.api(pathOf(pin), { method: 'POST', json: {} });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const patch = await one.api(pathOf(pin, 'a'), { method: 'PATCH', json: {} });
    expect([patch.status, patch.headers.get('allow')]).toEqual([
      405,
      'GET, HEAD, PUT, DELETE, OPTIONS',
    ]);
    for (const path of [pathOf(pin), pathOf(pin, 'a')]) {
      const { status, text, headers } = await one.api(path, { method: 'HEAD' });
      expect([status, text, headers.get('content-length')]).toEqual([200, '', '11']);
      expect((await one.api(path, { method: 'OPTIONS' })).status).toBe(204);
    }
  });

  it('of an unknown PIN are 404', async () => {
    const answers = [
      await put(UNKNOWN_PIN, 'a'),
      await list(UNKNOWN_PIN),
      await list(UNKNOWN_PIN, '?at_least=1', { ...JSON_ONLY, prefer: 'wait=20' }),
      await list(UNKNOWN_PIN, '', { ...JSON_ONLY, 'if-none-match': '*', prefer: 'wait=20' }),
      await one.api(pathOf(UNKNOWN_PIN, 'a'), { headers: JSON_ONLY }),
      await one.api(pathOf(UNKNOWN_PIN, 'a'), { method: 'DELETE', headers: JSON_ONLY }),
    ];
    for (const { json } of answers) expect(json).toEqual(problem(404, 'not-found'));
  });

  it('end with their cluster', async () => {
    const pin = await clusterOf({ a: 'ready' });
    await one.api(`/clusters/${pin}`, { method: 'DELETE' });
    expect((await list(pin, '', JSON_ONLY, other)).json).toEqual(problem(404, 'not-found'));
    const expired = await clusterOf({ a: 'ready' });
    clock.advance(24 * HOUR);
    expect((await list(expired)).json).toEqual(problem(404, 'not-found'));
  });

  describe('The list', () => {
    it('has a line of hosts(5) for each, in order of joining', async () => {
      const pin = await clusterOf({ c: 'ready', a: 'waiting', b: 'failed' });
      const { text, headers } = await list(pin, '', {}, other);
      expect(text).toBe('10.0.0.2 c\n10.0.0.3 a\n10.0.0.4 b\n');
      expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(headers.get('vary')).toBe('Prefer, Accept');
      expect((await list(await clusterOf(), '', {})).text).toBe('');
    });

    it('is JSON for a client that prefers it', async () => {
      const pin = await clusterOf({ c: 'ready', a: 'waiting' });
      const { json, headers } = await list(pin, '', {
        accept: 'text/plain;q=0.5, application/json',
      });
      expect(json).toMatchObject([{ name: 'c', state: 'ready' }, { name: 'a' }]);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect((await list(await clusterOf())).json).toEqual([]);
      expect((await list(pin, '', { accept: 'image/png' })).status).toBe(406);
    });

    it('has only members in a state, if asked to', async () => {
      const pin = await clusterOf({ a: 'ready', b: 'waiting', c: 'failed', d: 'ready' });
      expect(names(await list(pin, '?state=ready'))).toEqual(['a', 'd']);
      expect(names(await list(pin, '?state=waiting'))).toEqual(['b']);
      expect((await list(pin, '?state=failed', {})).text).toBe('10.0.0.4 c\n');
    });

    it('is up to date at once on every replica', async () => {
      const pin = await clusterOf({ a: 'ready' });
      for (const replica of [one, other]) await list(pin, '', JSON_ONLY, replica);
      await put(pin, 'b');
      for (const replica of [one, other]) {
        expect(names(await list(pin, '', JSON_ONLY, replica))).toEqual(['a', 'b']);
      }
    });

    it.each([
      ['state=lost', 'state'],
      ['state=', 'state'],
      ['state=ready&state=failed', 'state'],
      ['at_least=abc', 'at_least'],
      ['at_least=', 'at_least'],
      ['at_least=-1', 'at_least'],
      ['at_least=1e3', 'at_least'],
      ['at_least=1.5', 'at_least'],
      [`at_least=${MAX_MEMBERS + 1}`, 'at_least'],
      ['at_least=1000000000', 'at_least'],
      ['at_least=1&at_least=2', 'at_least'],
      ['atleast=1', 'atleast'],
    ])('refuses ?%s', async (query, field) => {
      const { json } = await list(await clusterOf(), `?${query}`);
      expect(json).toEqual(problem(400, 'invalid-query', { [field]: [expect.any(String)] }));
    });
  });

  describe('A number of members', () => {
    it('is 404 with an empty text until there are enough', async () => {
      const pin = await clusterOf({ a: 'ready', b: 'waiting' });
      const few = await list(pin, '?at_least=3', {});
      expect([few.status, few.text]).toEqual([404, '']);
      expect((await list(pin, '?at_least=3')).json).toEqual(problem(404, 'too-few-members'));
      expect((await list(pin, '?at_least=2')).status).toBe(200);
      expect((await list(pin, '?at_least=0')).status).toBe(200);
    });

    it('counts members in a state', async () => {
      const pin = await clusterOf({ a: 'ready', b: 'waiting', c: 'failed' });
      for (const state of ['ready', 'waiting', 'failed']) {
        expect((await list(pin, `?state=${state}&at_least=1`)).status).toBe(200);
        expect((await list(pin, `?state=${state}&at_least=2`)).status).toBe(404);
      }
    });

    it('is waited for, on any replica', async () => {
      const pin = await clusterOf({ a: 'ready' });
      const headers = { prefer: 'wait=20' };
      const answers = [one, other].map((each) =>
        list(pin, '?state=ready&at_least=2', headers, each),
      );
      await until(
        'both to be held',
        () => one.get(HeldRequests).count + (onRedis ? other.get(HeldRequests).count : 0) === 2,
      );
      await put(pin, 'b', { address: '10.0.0.3', state: 'waiting' });
      await put(pin, 'c', { address: '10.0.0.4', state: 'ready' });
      for (const { status, text, headers } of await Promise.all(answers)) {
        expect([status, text]).toEqual([200, '10.0.0.2 a\n10.0.0.4 c\n']);
        expect(headers.get('preference-applied')).toBe('wait=20');
      }
    });

    it('is in the list that is sent, even if a member leaves after they were counted', async () => {
      const pin = await clusterOf({ a: 'ready', b: 'ready' });
      const store = one.get(ClusterStore);
      const memberCounts = store.memberCounts.bind(store);
      undo.push(() => (store.memberCounts = memberCounts));
      store.memberCounts = async (id) => {
        store.memberCounts = memberCounts;
        const counts = await memberCounts(id);
        await other.api(pathOf(pin, 'b'), { method: 'DELETE' });
        return counts;
      };
      expect((await list(pin, '?at_least=2')).json).toEqual(problem(404, 'too-few-members'));
    });

    it('is 404 when the wait is over, and when the cluster has ended', async () => {
      const pin = await clusterOf({ a: 'ready' });
      const ask = async () => {
        const answer = list(pin, '?at_least=2', { ...JSON_ONLY, prefer: 'wait=10' });
        await until('it to be held', () => one.get(HeldRequests).count === 1);
        return { answer };
      };
      const late = await ask();
      clock.advance(10_200);
      const { json, headers } = await late.answer;
      expect(json).toEqual(problem(404, 'too-few-members'));
      expect(headers.get('preference-applied')).toBe('wait=10');

      const ended = await ask();
      await other.api(`/clusters/${pin}`, { method: 'DELETE' });
      expect((await ended.answer).json).toEqual(problem(404, 'not-found'));
    });

    it('is 404 for all that wait when the cluster expires, and its members are gone', async () => {
      const pin = await clusterOf({ a: 'ready' });
      const headers = { ...JSON_ONLY, prefer: 'wait=20' };
      clock.advance(24 * HOUR - 10_000);
      const known = (await list(pin)).headers.get('etag')!;
      const waiting = [
        list(pin, '?at_least=2', headers),
        list(pin, '', { ...headers, 'if-none-match': known }),
        one.api(pathOf(pin, 'b'), { headers }),
      ];
      await until('them to be held', () => one.get(HeldRequests).count === 3);
      clock.advance(10_200);
      for (const answer of waiting) expect((await answer).json).toEqual(problem(404, 'not-found'));
      expect((await list(pin)).json).toEqual(problem(404, 'not-found'));
      expect((await put(pin, 'c')).json).toEqual(problem(404, 'not-found'));
      expect((await one.api(pathOf(pin, 'a'), { method: 'DELETE' })).status).toBe(404);
    });

    it('is found even if its signal was lost', async () => {
      const pin = await clusterOf();
      const signals = one.get(ClusterSignals);
      const changed = signals.changed.bind(signals);
      undo.push(() => (signals.changed = changed));
      signals.changed = () => undefined;
      const answer = list(pin, '?at_least=1', { prefer: 'wait=20' });
      await until('it to be held', () => one.get(HeldRequests).count === 1);
      await put(pin, 'a', undefined, { replica: other });
      clock.advance(15_000);
      expect((await answer).status).toBe(200);
    });

    it('costs a thousand that wait no more than a few reads, and one of the list', async () => {
      const pin = await clusterOf();
      const MANY = 1_000;
      const answers = Array.from({ length: MANY }, () =>
        list(pin, '?at_least=50', { prefer: 'wait=25' }),
      );
      await until('all to be held', () => one.get(HeldRequests).count === MANY, 30_000);
      const store = one.get(ClusterStore);
      const memberCounts = store.memberCounts.bind(store);
      const members = store.members.bind(store);
      undo.push(() => Object.assign(store, { memberCounts, members }));
      let counts = 0;
      let lists = 0;
      store.memberCounts = (id) => (counts++, memberCounts(id));
      store.members = (id) => (lists++, members(id));
      const joins = Array.from({ length: 50 }, (_, n) => put(pin, `m${n}`));
      await Promise.all(joins);
      const texts = new Set((await Promise.all(answers)).map(({ text }) => text));
      expect([...texts][0]!.split('\n')).toHaveLength(51);
      expect(texts.size).toBe(1);
      expect(counts).toBeLessThan(50);
      expect(lists).toBe(1);
    }, 60_000);
  });

  describe('A list that the client has', () => {
    const etagOf = ({ headers }: Answer) => headers.get('etag')!;

    it('is 304 until it has changed', async () => {
      const pin = await clusterOf({ a: 'waiting' });
      const etag = etagOf(await list(pin));
      const headers = { ...JSON_ONLY, 'if-none-match': etag };
      const same = await list(pin, '', headers, other);
      expect([same.status, same.text, etagOf(same)]).toEqual([304, '', etag]);
      expect(same.headers.get('cache-control')).toBe('no-store');
      await put(pin, 'a', { address: '10.0.0.2', state: 'ready' });
      const changed = await list(pin, '', headers, other);
      expect(changed.status).toBe(200);
      expect(etagOf(changed)).not.toBe(etag);
    });

    it('has a tag of its own in each format, which states that did not change keep', async () => {
      const pin = await clusterOf({ a: 'ready', b: 'waiting' });
      const text = etagOf(await list(pin, '?state=ready', {}));
      expect(text).toMatch(/^"[\w-]{22}"$/);
      expect(etagOf(await list(pin, '?state=ready'))).not.toBe(text);
      await put(pin, 'b', { address: '10.0.0.3', state: 'failed' });
      expect(etagOf(await list(pin, '?state=ready', {}))).toBe(text);
    });

    it.each([
      ['W/%', 304],
      ['"x", %', 304],
      ['W/"x",W/%,"y"', 304],
      ['*', 304],
      ['"x"', 200],
      ['nonsense', 200],
      ['', 200],
    ])('is found in If-None-Match: %s', async (header, status) => {
      const pin = await clusterOf({ a: 'ready' });
      const etag = etagOf(await list(pin));
      const answer = await list(pin, '', {
        ...JSON_ONLY,
        'if-none-match': header.replace('%', etag),
      });
      expect(answer.status).toBe(status);
    });

    it('is sent when it has changed, to a client that waits for that', async () => {
      const pin = await clusterOf({ a: 'waiting' });
      const etag = etagOf(await list(pin, '', {}));
      const answer = list(pin, '', { 'if-none-match': etag, prefer: 'wait=20' });
      await until('it to be held', () => one.get(HeldRequests).count === 1);
      await put(pin, 'b', undefined, { replica: other });
      const { status, text, headers } = await answer;
      expect([status, text]).toEqual([200, '10.0.0.2 a\n10.0.0.2 b\n']);
      expect(headers.get('preference-applied')).toBe('wait=20');
    });

    it('is 304 when the wait is over and nothing has changed', async () => {
      const pin = await clusterOf({ a: 'waiting' });
      const etag = etagOf(await list(pin, '', {}));
      const answer = list(pin, '', { 'if-none-match': etag, prefer: 'wait=20' });
      await until('it to be held', () => one.get(HeldRequests).count === 1);
      clock.advance(20_200);
      const { status, text, headers } = await answer;
      expect([status, text, headers.get('preference-applied')]).toEqual([304, '', 'wait=20']);
    });

    it('is 404 when its cluster has ended meanwhile', async () => {
      const pin = await clusterOf({ a: 'waiting' });
      const etag = etagOf(await list(pin, '', {}));
      const answer = list(pin, '', { 'if-none-match': etag, prefer: 'wait=20' });
      await until('it to be held', () => one.get(HeldRequests).count === 1);
      await one.api(`/clusters/${pin}`, { method: 'DELETE' });
      expect((await answer).status).toBe(404);
    });

    it('is sent a few times a second, while many join, to those that ask again at once', async () => {
      const pin = await clusterOf({ a: 'waiting' });
      const start = performance.now();
      const joined = new AbortController();
      const watch = async () => {
        let tag = etagOf(await list(pin, '', {}));
        let lists = 0;
        while (!joined.signal.aborted) {
          tag = etagOf(await list(pin, '', { 'if-none-match': tag, prefer: 'wait=20' }));
          lists++;
        }
        return lists;
      };
      const watching = Promise.all(Array.from({ length: 20 }, watch));
      for (let n = 0; n < 200; n++) await put(pin, `m${n}`);
      joined.abort();
      await put(pin, 'last');
      const seconds = (performance.now() - start) / 1_000;
      for (const lists of await watching) expect(lists).toBeLessThan(seconds * 5 + 3);
    });

    it('is waited for until it has changed and has enough members', async () => {
      const pin = await clusterOf({ a: 'waiting' });
      const etag = etagOf(await list(pin, '', {}));
      const answer = list(pin, '?at_least=3', { 'if-none-match': etag, prefer: 'wait=20' });
      await until('it to be held', () => one.get(HeldRequests).count === 1);
      await put(pin, 'b');
      await put(pin, 'c');
      expect((await answer).text.split('\n')).toHaveLength(4);
    });
  });

  it(`are ${MAX_MEMBERS} at most`, async () => {
    const pin = await clusterOf();
    const { id } = await one.get(PinResolver).resolve(pin);
    const store = one.get(ClusterStore);
    for (let n = 0; n < MAX_MEMBERS; n += 250) {
      const handles = Array.from({ length: 250 }, (_, m) => `handle${n + m}`);
      await Promise.all(
        handles.map((handle) => store.addMember(id, { handle, state: 'waiting', sealed: 'x' })),
      );
    }
    expect((await put(pin, 'one-more')).json).toEqual(problem(409, 'cluster-full'));
    await store.end(id);
  }, 30_000);
});
