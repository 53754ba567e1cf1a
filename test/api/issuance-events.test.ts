import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { ClusterSignals } from '../../src/clusters/cluster.signals.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { IssuanceFeeds } from '../../src/events/issuance-feeds.js';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import { problem } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { PostgresServer } from '../support/postgres.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { secrets } from '../support/secrets.js';
import { settingsFor, startProvider, tokenOf } from '../support/service.js';
import { Watch } from '../support/watch.js';

const MINUTE = 60_000;
const ADMIN = 'pairing-admin';
/** Longer than the tests move the clock before the last one. */
const TOKEN_SECONDS = 7 * 24 * 3_600;

describe.each([
  { name: 'one embedded service', replicated: false },
  { name: 'two replicas on Redis and PostgreSQL', replicated: true },
])('The events of issuances, with $name', ({ replicated }) => {
  let clock: MovableClock;
  let postgres: PostgresServer;
  const cleanUp = new CleanUp();
  const watches = new CleanUp();
  let provider: IdentityProvider;
  let env: NodeJS.ProcessEnv;
  let one: InProcessService;
  let other: InProcessService;

  beforeAll(async () => {
    clock = new MovableClock(Date.now());
    provider = cleanUp.add(await startProvider({ accessTokenSeconds: TOKEN_SECONDS }));
    env = { ...settingsFor(provider), ADMIN_ROLE: ADMIN };
    if (replicated) {
      postgres = cleanUp.add(await PostgresServer.start());
      env['REDIS_URL'] = cleanUp.add(await RedisServer.start()).url;
      env['DATABASE_URL'] = postgres.url;
    }
    one = await start();
    other = replicated ? await start() : one;
  }, 60_000);
  afterEach(() => watches.run());
  afterAll(() => cleanUp.run());

  async function start(more: NodeJS.ProcessEnv = {}) {
    return cleanUp.add(await InProcessService.start(clock, { ...env, ...more }));
  }

  let users = 0;
  /** A user without PINs. */
  async function newUser(...roles: string[]) {
    const user = `watcher${users++}`;
    clock.advance(Math.max(0, Date.now() - clock.now())); // the provider issues tokens by the machine's clock
    const headers = { authorization: `Bearer ${await tokenOf(provider, user, ...roles)}` };
    return {
      name: user,
      headers,
      issue: async (description: string, at = one) => {
        clock.advance(1); // so that no two are of the same millisecond
        const request = { method: 'POST', headers, json: { description } };
        const { pin } = (await at.api('/clusters', request)).json as { pin: string };
        secrets.secret('a PIN', pin);
        return pin;
      },
      watch: async (at = other, query = '') =>
        watches.add(await Watch.open(at.url, `/issuances/events${query}`, headers)),
      list: async () => {
        const { json } = await one.api('/issuances', { headers });
        return (json as { issuances: { id: string }[] }).issuances;
      },
      revoke: (id: string) => one.api(`/issuances/${id}`, { method: 'DELETE', headers }),
    };
  }

  const descriptions = ({ events }: Watch) => events.map(({ data }) => data['description']);

  it('begin with the live issuances as they are now, oldest first, and synced', async () => {
    const user = await newUser();
    await (await newUser()).issue('of another user');
    const ended = await user.issue('ended');
    await one.api(`/clusters/${ended}`, { method: 'DELETE' });
    const first = await user.issue('first');
    await user.issue('second');
    await one.addKey(first, 'master_ip', '10.11.12.13');

    const seen = await user.watch();
    await seen.sees('synced');
    expect(seen.response.status).toBe(200);
    expect(seen.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(seen.response.headers.get('cache-control')).toBe('no-store');
    const [second, registered] = await user.list();
    expect(seen.events).toEqual([
      { event: 'issuance', data: registered },
      { event: 'issuance', data: second },
      { event: 'synced', data: { more: false } },
    ]);
    expect(registered).toMatchObject({ state: 'master_registered' });
    expect(seen.text).toMatch(/^retry: \d{4}\n/);
  });

  it('report each new, changed and ended issuance on every replica, without PINs and addresses', async () => {
    const user = await newUser();
    const both = [await user.watch(one), await user.watch(other)];
    for (const each of both) await each.sees('synced');
    const pin = await user.issue('made');
    const states = () =>
      both.map(({ events }) => events.map(({ data }) => data['state']).filter(Boolean));
    const reach = async (state: string) =>
      until(state, () => states().every((seen) => seen.at(-1) === state));
    await reach('issued');
    await one.addKey(pin, 'master_ip', '10.11.12.13');
    await reach('master_registered');
    await other.addKey(pin, 'master_ready', 'true');
    await reach('ready');
    await user.revoke((await user.list())[0]!.id);
    await reach('ended');
    for (const { text, events } of both) {
      expect(text).not.toContain('10.11.12.13');
      expect(text).not.toContain(pin);
      expect(events.at(-1)!.data).toMatchObject({
        outcome: 'revoked',
        end_time: expect.any(String),
      });
      expect(events.at(-1)!.data).toEqual((await user.list())[0]);
    }
  });

  it('report that a cluster was deleted with its PIN, or has expired', async () => {
    const user = await newUser();
    const pin = await user.issue('deleted');
    await user.issue('expiring');
    const seen = await user.watch();
    await seen.sees('synced');
    await one.addKey(pin, 'master_ip');
    await one.api(`/clusters/${pin}`, { method: 'DELETE' });
    const last = (description: string) =>
      seen.events.findLast(({ data }) => data['description'] === description)?.data;
    await until('the deletion', () => last('deleted')?.['state'] === 'ended');
    expect(last('deleted')).toMatchObject({
      outcome: 'deleted',
      master_time: expect.any(String),
    });
    clock.advance(24 * HOUR + 1);
    await until('the expiry', () => last('expiring')?.['state'] === 'ended');
    expect(last('expiring')).toMatchObject({ outcome: 'unused' });
  });

  it('begin with the current state, also right after a key has changed', async () => {
    const user = await newUser();
    const pin = await user.issue('changing');
    const first = await user.watch(one);
    await first.sees('synced');
    for (const [key, state] of [
      ['master_ip', 'master_registered'],
      ['master_failed', 'failed'],
      ['master_ready', 'ready'],
    ] as const) {
      await one.addKey(pin, key, key === 'master_ip' ? '10.11.12.13' : 'x');
      const next = await user.watch(one);
      await next.sees('synced');
      expect(next.events[0]!.data).toMatchObject({ state });
    }
  });

  it('report an issuance at most once a second, and always its last change', async () => {
    const user = await newUser();
    const pin = await user.issue('busy');
    const seen = await user.watch(one);
    await seen.sees('synced');
    const { id } = (await user.list())[0]!;
    const began = Date.now();
    for (let n = 1; n <= 300; n++) await one.get(ClusterStore).countSecondMaster(id);
    await until('the last change', () => seen.events.at(-1)!.data['second_masters'] === 300);
    const seconds = (Date.now() - began) / 1_000;
    const changes = seen.events.length - seen.names.indexOf('synced') - 1;
    expect(changes).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(pin).toHaveLength(12);
  });

  it('show other users to admins only', async () => {
    const [user, admin] = [await newUser(), await newUser(ADMIN)];
    await user.issue('of a user');
    const refused = await user.watch(one, `?owner=${admin.name}`);
    expect(refused.response.status).toBe(403);
    expect((await user.watch(one, '?owner=*')).response.status).toBe(403);
    const ofOne = await admin.watch(other, `?owner=${user.name}`);
    await ofOne.sees('synced');
    expect(descriptions(ofOne)).toEqual(['of a user', undefined]);
    const ofAll = await admin.watch(other, '?owner=*');
    await ofAll.sees('synced');
    await (await newUser()).issue('of a new user');
    await until('the new issuance', () => descriptions(ofAll).includes('of a new user'));
    expect(descriptions(ofOne)).not.toContain('of a new user');
  });

  it('need a sign-in, and refuse a query that they do not know', async () => {
    const { headers } = await newUser();
    const answer = await one.api('/issuances/events');
    expect(answer.json).toEqual(problem(401, 'sign-in-required'));
    expect((await one.api('/issuances/events?state=issued', { headers })).json).toEqual(
      problem(400, 'invalid-query', { state: ['This field is not known here.'] }),
    );
    const head = await one.api('/issuances/events', { method: 'HEAD', headers });
    expect([head.status, head.headers.get('content-type'), head.text]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ]);
    const post = await one.api('/issuances/events', { method: 'POST', headers });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it('report a new issuance whose signal was lost', async () => {
    const user = await newUser();
    const seen = await user.watch(other);
    await seen.sees('synced');
    const signals = other.get(ClusterSignals);
    const changed = signals.changed.bind(signals);
    signals.changed = () => undefined;
    await user.issue('signal lost');
    signals.changed = changed;
    signals.signalsLost();
    await until('the new issuance', () => descriptions(seen).includes('signal lost'));

    signals.changed = () => undefined;
    await user.issue('lost without notice');
    signals.changed = changed;
    clock.advance(MINUTE);
    await until('the next one', () => descriptions(seen).includes('lost without notice'));
    expect(seen.ended).toBe(false);
  });

  if (replicated) {
    it('go on while the record is away, and do not begin', async () => {
      const user = await newUser();
      const pin = await user.issue('before');
      const seen = await user.watch(other);
      await seen.sees('synced');
      await postgres.kill();
      expect((await (await newUser()).watch(other)).response.status).toBe(503);
      await one.addKey(pin, 'master_ip');
      await until('the change', () => seen.events.at(-1)!.data['state'] === 'master_registered');
      await one.api(`/clusters/${pin}`, { method: 'DELETE' });
      await postgres.restart();
      await until('the end', () => seen.events.at(-1)!.data['outcome'] === 'deleted', 30_000);
      await user.issue('after');
      await until('the new issuance', () => descriptions(seen).includes('after'));
      expect(seen.ended).toBe(false);
    }, 60_000);
  }

  it('count as held requests of the user, at most 20', async () => {
    const user = await newUser();
    const count = () => one.get(HeldRequests).count;
    const before = count();
    const open = [];
    for (let n = 0; n < 20; n++) open.push(await user.watch(one));
    expect(count()).toBe(before + 20);
    const refused = await user.watch(one);
    expect(refused.response.status).toBe(429);
    expect(refused.response.headers.get('retry-after')).toBe('15');
    for (const each of open) each.close();
    await until('the requests to be released', () => count() === before);
    const again = await user.watch(one);
    await again.sees('synced');
  });

  it('end when the service stops', async () => {
    const stopping = await start();
    const user = await newUser();
    await user.issue('seen', stopping);
    const seen = await user.watch(stopping);
    await seen.sees('synced');
    await stopping.app.close();
    await until('the end of the stream', () => seen.ended);
    expect(seen.names).toEqual(['issuance', 'synced']);
  });

  it('end at the next heartbeat after the token has expired', async () => {
    const user = await newUser();
    await user.issue('seen');
    const seen = await user.watch(one);
    await seen.sees('synced');
    one.get(IssuanceFeeds).sendHeartbeats();
    await until('a heartbeat', () => seen.text.endsWith(':\n\n'));
    expect(seen.ended).toBe(false);
    clock.advance(TOKEN_SECONDS * 1_000 + MINUTE);
    one.get(IssuanceFeeds).sendHeartbeats();
    await until('the end of the stream', () => seen.ended);
    expect((await user.watch(one)).response.status).toBe(401);
  });
});
