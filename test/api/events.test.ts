import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ClusterSignals } from '../../src/clusters/cluster.signals.js';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { InProcessService } from '../support/in-process.js';
import { Watch } from '../support/watch.js';

const embedded = { name: 'one embedded service', redis: false };
const replicated = { name: 'two replicas on Redis', redis: true };

describe.each([embedded, replicated])(
  'The events of a cluster, with $name',
  ({ redis: onRedis }) => {
    const clock = new MovableClock(Date.now());
    const cleanUp = new CleanUp();
    const watches = new CleanUp();
    let env: NodeJS.ProcessEnv;
    let one: InProcessService;
    let other: InProcessService;

    const start = async (more: NodeJS.ProcessEnv = {}) =>
      cleanUp.add(await InProcessService.start(clock, { ...env, ...more }));

    beforeAll(async () => {
      env = onRedis ? { REDIS_URL: cleanUp.add(await RedisServer.start()).url } : {};
      one = await start();
      other = onRedis ? await start() : one;
    });
    afterEach(() => watches.run());
    afterAll(() => cleanUp.run());

    const watch = async (replica: InProcessService, pin: string, headers = {}) =>
      watches.add(await Watch.open(replica.url, `/clusters/${pin}/events`, headers));

    it('begin with the state, and report each step on every replica', async () => {
      const pin = await one.issuePin();
      const both = [await watch(one, pin), await watch(other, pin)];
      await one.addKey(pin, 'master_ip');
      for (const each of both) await each.sees('master_registered');
      await one.addKey(pin, 'master_ip', '10.0.0.2');
      for (const each of both) await each.sees('second_master');
      await one.addKey(pin, 'master_ready');
      for (const each of both) await each.sees('master_ready');
      for (let workers = 0; workers < 3; workers++)
        await one.api(`/clusters/${pin}/keys/master_ip`);
      for (const each of both) {
        await until('all fetches', () => each.events.at(-1)?.data['fetches'] === 3);
      }
      await one.api(`/clusters/${pin}`, { method: 'DELETE' });
      const time = new Date(clock.now()).toISOString();
      for (const each of both) {
        await until('the end of the stream', () => each.ended);
        expect(each.events.filter(({ event }) => event !== 'worker_fetched')).toEqual([
          {
            event: 'state',
            data: {
              state: 'issued',
              expiration_time: new Date(clock.now() + 24 * HOUR).toISOString(),
              master_address: null,
              master_registered_time: null,
              master_ready_time: null,
              failed_time: null,
              second_masters: 0,
              master_changes: 0,
              fetches: 0,
              workers: { expected: null, joined: 0, ready: 0, failed: 0 },
              completed_time: null,
            },
          },
          { event: 'master_registered', data: { address: '10.0.0.1', time } },
          { event: 'second_master', data: { second_masters: 1 } },
          { event: 'master_ready', data: { time } },
          { event: 'ended', data: { reason: 'ended' } },
        ]);
      }
    });

    it('have their media type, are not cached, and ignore Last-Event-ID', async () => {
      const pin = await one.issuePin();
      await one.addKey(pin, 'master_ip');
      const { response, sees } = await watch(one, pin, { 'last-event-id': 'nonsense' }).then(
        (watch) => ({ response: watch.response, sees: watch.sees.bind(watch) }),
      );
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect((await sees('state')).data).toMatchObject({ master_address: '10.0.0.1' });
    });

    it('report what was changed or removed', async () => {
      const pin = await one.issuePin();
      await one.addKey(pin, 'master_ip');
      const seen = await watch(other, pin);
      const change = { method: 'PATCH', json: { value: '10.0.0.9' } };
      await one.api(`/clusters/${pin}/keys/master_ip`, change);
      expect((await seen.sees('master_registered')).data['address']).toBe('10.0.0.9');
      expect((await seen.sees('master_changed')).data).toEqual({ master_changes: 1 });
      await one.api(`/clusters/${pin}/keys/master_ip`, { method: 'DELETE' });
      expect((await seen.sees('state', 2)).data['state']).toBe('issued');
    });

    it('report the members about once a second, always the last change, and when all are ready', async () => {
      const pin = await one.issuePin(100);
      const seen = await watch(other, pin);
      await seen.sees('state');
      const began = Date.now();
      const join = (n: number, state: string) =>
        one.putMember(pin, `worker${n}`, { address: `10.0.1.${n}`, state });
      for (let n = 0; n < 100; n++) await join(n, 'waiting');
      for (let n = 0; n < 100; n++) await join(n, 'ready');
      const time = new Date(clock.now()).toISOString();
      expect((await seen.sees('complete')).data).toEqual({ time });
      const seconds = (Date.now() - began) / 1_000;
      const counts = seen.events.filter(({ event }) => event === 'members');
      expect(counts.at(-1)!.data).toEqual({ expected: 100, joined: 100, ready: 100, failed: 0 });
      expect(counts.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
      await join(7, 'failed');
      await until('the failure', () => seen.events.at(-1)!.data['failed'] === 1);
      expect(seen.names.filter((name) => name === 'complete')).toHaveLength(1);
      const later = await watch(one, pin);
      expect((await later.sees('state')).data).toMatchObject({
        workers: { expected: 100, joined: 100, ready: 99, failed: 1 },
        completed_time: time,
      });
    });

    it('report that the master has failed, and that it is ready after all', async () => {
      const pin = await one.issuePin();
      const seen = await watch(other, pin);
      await seen.sees('state');
      await one.addKey(pin, 'master_failed', 'The disk is full');
      const time = new Date(clock.now()).toISOString();
      expect((await seen.sees('failed')).data).toEqual({ time });
      await one.addKey(pin, 'master_ready', 'true');
      await seen.sees('master_ready');
      await one.api(`/clusters/${pin}/keys/master_ready`, { method: 'DELETE' });
      expect((await seen.sees('state', 2)).data).toMatchObject({
        state: 'failed',
        failed_time: time,
      });
      await one.api(`/clusters/${pin}/keys/master_failed`, { method: 'DELETE' });
      expect((await seen.sees('state', 3)).data).toMatchObject({
        state: 'issued',
        failed_time: null,
      });
    });

    it('report a change whose signal was lost', async () => {
      const pin = await one.issuePin();
      const seen = await watch(other, pin);
      await seen.sees('state');
      const signals = other.get(ClusterSignals);
      const changed = signals.changed.bind(signals);
      signals.changed = () => undefined;
      await one.addKey(pin, 'master_ip');
      signals.changed = changed;
      signals.signalsLost();
      expect((await seen.sees('master_registered')).data['address']).toBe('10.0.0.1');
    });

    it('end with the cluster when it expires', async () => {
      const pin = await one.issuePin();
      const seen = await watch(one, pin);
      await seen.sees('state');
      clock.advance(24 * HOUR + 100);
      expect((await seen.sees('ended')).data).toEqual({ reason: 'expired' });
      await until('the end of the stream', () => seen.ended);
    });

    it('end with the reason expired also if a read finds the cluster missing first', async () => {
      const pin = await one.issuePin();
      const seen = await watch(one, pin);
      await seen.sees('state');
      clock.advance(24 * HOUR + 100);
      one.get(ClusterSignals).signalsLost(); // leads to a read at once
      expect((await seen.sees('ended')).data).toEqual({ reason: 'expired' });
    });

    it('answer 404 for an unknown PIN', async () => {
      expect((await one.api('/clusters/abcdefghijkl/events')).status).toBe(404);
    });

    it('count as a held request until the client disconnects', async () => {
      const small = await start({ MAX_HELD_REQUESTS: '1' });
      const count = () => small.get(HeldRequests).count;
      const pin = await small.issuePin();
      const first = await watch(small, pin);
      await first.sees('state');
      const second = await watch(small, pin);
      await until('the end of the stream', () => second.ended);
      expect(second.names).toEqual(['state']);
      expect(second.text).toMatch(/^retry: \d{4}\n/);
      first.close();
      await until('the request to be released', () => count() === 0);
    });

    it('end without an ended event when the service stops', async () => {
      const stopping = await InProcessService.start(clock, env);
      const seen = await watch(stopping, await stopping.issuePin());
      await seen.sees('state');
      await stopping.stop();
      await until('the end of the stream', () => seen.ended);
      expect(seen.names).toEqual(['state']);
    });
  },
);
