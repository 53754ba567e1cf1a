import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import * as fc from 'fast-check';
import { ClusterSignals } from '../../src/clusters/cluster.signals.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { PairingError } from '../../src/errors/pairing-error.js';
import { UnknownPinLimiter } from '../../src/guess-protection/unknown-pin.limiter.js';
import { MAX_PIPELINED } from '../../src/http/connections.js';
import { KeyCache } from '../../src/keys/key-cache.js';
import { KeyPollService } from '../../src/keys/key-poll.service.js';
import { PrometheusMetrics } from '../../src/metrics/prometheus-metrics.js';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { Scrape } from '../support/metrics.js';
import { until } from '../support/process.js';
import { sendOnly, sendRaw } from '../support/raw-http.js';
import { RedisServer } from '../support/redis.js';
import { pollRequests } from './poll-requests.js';

const LAST = 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const ORIGIN = 'https://dashboard.example';
const KEYS = ['master_ip', 'master_ready', 'note', 'absent'];

describe('A poll that is answered from the cache', () => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let service: InProcessService;
  let pin: string;
  let id: string;
  let isAheadAllowed = true;
  let ahead = 0;
  /** How many requests Node's parser has read. */
  let parsed = 0;

  beforeAll(async () => {
    service = cleanUp.add(
      await InProcessService.start(clock, { TRUSTED_PROXIES: '1', HOLD_SECONDS: '0' }),
    );
    service.app.getHttpServer().on('request', () => parsed++);
    const polls = service.get(KeyPollService);
    const pollCache = polls.pollCache.bind(polls);
    jest.spyOn(polls, 'pollCache').mockImplementation((...poll) => {
      const answer = isAheadAllowed ? pollCache(...poll) : undefined;
      if (answer) ahead++;
      return answer;
    });
    const holdCached = polls.holdCached.bind(polls);
    jest.spyOn(polls, 'holdCached').mockImplementation((...poll) => {
      const isHeld = isAheadAllowed && holdCached(...poll);
      if (isHeld) ahead++;
      return isHeld;
    });
  });
  afterAll(() => cleanUp.run());
  beforeEach(async () => {
    ({ pin, id } = await service.issue());
    await service.addKey(pin, 'master_ip', '10.0.0.1');
    await service.addKey(pin, 'note', 'naïve 🙂 "text"');
    await fillCache();
  });

  /** Begins a new second, with these keys in the cache. */
  async function fillCache(): Promise<void> {
    clock.advance(1_000);
    for (const key of KEYS) await service.get(KeyCache).get(pin, key);
  }

  type Send = (requests: string) => Promise<string>;

  /** What is sent back to these requests of one connection, in which only dates may differ. Node reads them. */
  const answersTo: Send = async (requests) => {
    const answers = await sendRaw(service.url, requests + (closes(requests) ? '' : LAST));
    return answers.replace(/^Date: .*$/gm, 'Date: …');
  };

  /** What is sent back to this request and to another one after its answer. It is read without Node's parser if it is plain. */
  const answersAlone: Send = async (request) => {
    const socket = await sendOnly(service.url, request);
    const answers = text(socket);
    if (!closes(request)) {
      await once(socket, 'data');
      socket.write(LAST);
    }
    return (await answers).replace(/^Date: .*$/gm, 'Date: …');
  };

  const closes = (requests: string) => /^Connection: close|HTTP\/1\.0\r$/im.test(requests);

  const get = (key: string, ...headers: string[]) =>
    [`GET /api/v1/clusters/${pin}/keys/${key} HTTP/1.1`, 'Host: x', ...headers, '', ''].join(
      '\r\n',
    );

  /** How many polls were answered ahead of Fastify during an action. */
  async function answeredAhead(act: () => Promise<unknown>): Promise<number> {
    const before = ahead;
    await act();
    return ahead - before;
  }

  async function inTheGeneralWay<T>(act: () => Promise<T>): Promise<T> {
    isAheadAllowed = false;
    return act().finally(() => (isAheadAllowed = true));
  }

  /** The answers to requests, and what the log says of them. */
  async function observe(requests: string, send = answersTo) {
    await fillCache();
    const lines = service.log.length;
    const answers = await send(requests);
    return {
      answers,
      lines: service.log
        .slice(lines)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map(({ level, msg, method, route, status }) => ({ level, msg, method, route, status })),
    };
  }

  /** How many requests the metrics have counted during an action, by labels. */
  async function countedDuring(act: () => Promise<unknown>): Promise<[string, number][]> {
    const before = await requestCounts();
    await act();
    return [...(await requestCounts())]
      .map(([labels, count]): [string, number] => [labels, count - (before.get(labels) ?? 0)])
      .filter(([, count]) => count > 0);
  }

  async function requestCounts(): Promise<Map<string, number>> {
    const { samples } = Scrape.parse(await service.get(PrometheusMetrics).text());
    const counts = samples
      .filter(({ name }) => name === 'pairing_http_request_duration_seconds_count')
      .map(({ labels, value }) => [JSON.stringify(labels), value] as const);
    return new Map(counts);
  }

  it.each(['Accept: text/plain', 'Accept: */*', 'accept: application/json', 'Prefer: wait=0'])(
    'is answered ahead of Fastify: %s',
    async (header) => {
      expect(await answeredAhead(() => answersTo(get('note', header)))).toBe(1);
      expect(await answeredAhead(() => answersTo(get('absent', header)))).toBe(1);
    },
  );

  it('has the bytes and the log line of the general way, whatever the request', async () => {
    let plain = 0;
    const count = await answeredAhead(() =>
      fc.assert(
        fc.asyncProperty(pollRequests(pin, KEYS), async (request) => {
          const general = await inTheGeneralWay(() => observe(request));
          expect(await observe(request)).toEqual(general);
          const before = parsed;
          expect(await observe(request, answersAlone)).toEqual(general);
          if (parsed === before + (closes(request) ? 0 : 1)) plain++;
        }),
        { numRuns: 500 },
      ),
    );
    expect(count).toBeGreaterThan(120);
    expect(plain).toBeGreaterThan(60);
  });

  it('is answered in its turn on a connection', async () => {
    const poll = fc.constantFrom(...KEYS).map((key) => get(key));
    const other = fc.constantFrom(get('note/'), get('note').replace('GET', 'HEAD'));
    const requests = fc
      .array(fc.oneof({ arbitrary: poll, weight: 4 }, other), { maxLength: MAX_PIPELINED })
      .map((list) => list.join(''));
    await fc.assert(
      fc.asyncProperty(requests, async (list) => {
        const general = await inTheGeneralWay(() => observe(list));
        expect(await observe(list)).toEqual(general);
      }),
      { numRuns: 50 },
    );
  });

  it('is measured as in the general way', async () => {
    const polls = () => answersTo(get('note') + get('absent') + get('note'));
    const general = await inTheGeneralWay(() => countedDuring(polls));
    await fillCache();
    expect(await countedDuring(polls)).toEqual(general);
  });

  it('is counted as a fetch', async () => {
    const fetches = async () => (await service.get(ClusterStore).find(id))?.fetches;
    expect(await answeredAhead(() => answersTo(get('master_ip')))).toBe(1);
    await until('the fetch to be counted', async () => (await fetches()) === 1);
  });

  it('marks that a worker asked for a master that was not there', async () => {
    const asked = async () => (await service.get(ClusterStore).find(id))?.askedAt;
    expect(await answeredAhead(() => answersTo(get('master_ready')))).toBe(1);
    await until('it to be marked', async () => (await asked()) !== undefined);
  });

  const WAYS = [
    ['read by Node', 'note/'], // a request that is passed on leaves its connection to Node
    ['read without a parser', 'note'],
  ] as const;
  const COUNT = 10;
  /** A key of a cluster that the replica does not know to be live is read by the general way. */
  const forgetClusters = () => service.get(ClusterSignals).signalsLost();

  /** The answers to a request that comes at once on connections that had a request for `first` before, after an action. */
  async function answersTogether(first: string, request: string, act = () => {}) {
    await fillCache();
    const before = get(first);
    const sockets = await Promise.all(
      Array.from({ length: COUNT }, () => sendOnly(service.url, before)),
    );
    const answers = () =>
      Promise.all(
        sockets.map(async (socket) => {
          const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
          return String(answer).replace(/^Date: .*$/m, 'Date: …');
        }),
      );
    await answers();
    clock.advance(1_000);
    act();
    for (const socket of sockets) socket.write(request);
    return answers().finally(() => sockets.forEach((socket) => socket.destroy()));
  }

  describe.each(WAYS)('in one turn with others, %s,', (_way, first) => {
    const answersToEach = (request: string, act?: () => void) =>
      answersTogether(first, request, act);

    it.each([
      ['note', 'follows the one that reads it', forgetClusters, COUNT - 1],
      ['absent', 'follows the one that reads it', forgetClusters, COUNT - 1],
      ['note', 'is read again for all of them', () => {}, COUNT],
      ['absent', 'is read again for all of them', () => {}, COUNT],
    ])('for a key whose reading has expired: %s %s', async (key, _how, before, expected) => {
      const ask = () => answersToEach(get(key), before);
      const general = await inTheGeneralWay(ask);
      let together: string[] = [];
      const count = await answeredAhead(async () => (together = await ask()));
      const ofFirst = first === 'note' ? COUNT : 0;
      expect(count - ofFirst).toBe(expected);
      expect(together).toEqual(general);
    });

    it('is held with them', async () => {
      const held = answersToEach(get('absent', 'Prefer: wait=9'));
      await until('all to be held', () => service.get(HeldRequests).count === COUNT);
      await service.addKey(pin, 'absent', 'there');
      for (const answer of await held) expect(answer).toContain('absent: there');
    });

    it('fails with them while the storage is away', async () => {
      const answers = async () => {
        const read = jest.spyOn(service.get(ClusterStore), 'key');
        const fail = () => read.mockRejectedValue(new PairingError('storage-unavailable'));
        return answersToEach(get('absent', 'Prefer: wait=9'), fail).finally(() =>
          read.mockRestore(),
        );
      };
      const general = await inTheGeneralWay(answers);
      expect(general[0]).toContain(' 503 ');
      expect(await answers()).toEqual(general);
      expect(service.get(HeldRequests).count).toBe(0);
    });
  });

  it('follows another one when the client of the first has gone', async () => {
    const own: Socket[] = [];
    const remember = (socket: Socket) => own.push(socket);
    service.app.getHttpServer().on('connection', remember);
    await fillCache();
    const sockets = await Promise.all(
      Array.from({ length: COUNT }, () => sendOnly(service.url, get('note'))),
    );
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'data')));
    service.app.getHttpServer().off('connection', remember);
    forgetClusters();
    let gone = 0;
    for (const socket of own) socket.once('data', () => gone++ === 0 && socket.destroy());

    const answered = sockets.map((socket) => once(socket, 'data').catch(() => []));
    const closed = sockets.map((socket) => once(socket, 'close'));
    const count = await answeredAhead(async () => {
      for (const socket of sockets) socket.write(get('note'));
      const first = await Promise.race(closed.map((each, n) => each.then(() => n)));
      await Promise.all(answered.filter((_, n) => n !== first));
    });
    expect(count).toBe(COUNT - 2); // without the one that has gone, and the one that reads
    for (const socket of sockets) socket.destroy();
  });

  it.each(WAYS)('%s, is refused with others, and each counts as a guess', async (_way, first) => {
    const misses = jest.spyOn(service.get(UnknownPinLimiter), 'recordMiss');
    const unknown = get('note', `X-Forwarded-For: 192.0.2.${first.length}`).replace(
      pin,
      'a'.repeat(pin.length),
    );
    const general = await inTheGeneralWay(() => answersTogether(first, unknown));
    expect(general[0]).toContain(' 404 ');
    expect(misses).toHaveBeenCalledTimes(COUNT);
    misses.mockClear();
    expect(await answersTogether(first, unknown)).toEqual(general);
    expect(misses).toHaveBeenCalledTimes(COUNT);
    misses.mockRestore();
  });

  describe('and is held for a key that is missing', () => {
    const WAIT = 'Prefer: wait=20';
    const add = (key: string) => () => service.addKey(pin, key, 'there');
    const isHeld = () => service.get(HeldRequests).count === 1;

    /** What is observed of a poll of a new cluster whose wait is ended by this, and what the metrics count. */
    async function observeHeld(poll: () => string, end: () => unknown, send = answersTo) {
      ({ pin, id } = await service.issue());
      await service.addKey(pin, 'master_ip', '10.0.0.1');
      const counts = await requestCounts();
      const observed = observe(poll(), send);
      await until('it to be held', isHeld);
      await end();
      const { answers, lines } = await observed;
      const measured = [...(await requestCounts())]
        .filter(([labels]) => labels.includes('/keys/:key"'))
        .map(([labels, count]) => [labels, count - (counts.get(labels) ?? 0)]);
      return { answers, lines: lines.filter(({ method }) => method === 'GET'), measured };
    }

    it.each<[string, () => string, () => unknown, string]>([
      ['with the key', () => get('absent', WAIT), add('absent'), 'absent: there'],
      [
        'with the key in JSON',
        () => get('absent', WAIT, 'Accept: application/json'),
        add('absent'),
        '"there"',
      ],
      ['at its deadline', () => get('absent', WAIT), () => clock.advance(20_200), '404 Not Found'],
      [
        'when the master has failed',
        () => get('master_ready', WAIT),
        add('master_failed'),
        'cluster-state: failed',
      ],
      [
        'when the cluster ends',
        () => get('absent', WAIT),
        () => fetch(`${service.url}/api/v1/clusters/${pin}`, { method: 'DELETE' }),
        '404 Not Found',
      ],
    ])('is answered as in the general way: %s', async (_, poll, end, expected) => {
      const general = await inTheGeneralWay(() => observeHeld(poll, end));
      expect(general.answers).toContain(expected);
      for (const send of [answersTo, answersAlone]) {
        let held: unknown;
        const count = await answeredAhead(async () => (held = await observeHeld(poll, end, send)));
        expect(count).toBe(1);
        expect(held).toEqual(general);
      }
    });

    it('has its own format and seconds among others that wait for the key', async () => {
      const json = 'Accept: application/json';
      const polls = [[WAIT], [WAIT, json], ['Prefer: wait=21'], ['Prefer: wait=21', json], [WAIT]];
      await fillCache();
      let answers: string[] = [];
      const count = await answeredAhead(async () => {
        const all = polls.map((headers) => answersTo(get('absent', ...headers)));
        await until('all to be held', () => service.get(HeldRequests).count === polls.length);
        await service.addKey(pin, 'absent', 'there');
        answers = await Promise.all(all);
      });
      expect(count).toBe(polls.length);
      const seen = answers.map((answer) => [
        /^preference-applied: wait=(\d+)/m.exec(answer)?.[1],
        answer.includes('absent: there'),
      ]);
      expect(seen).toEqual([
        ['20', true],
        ['20', false],
        ['21', true],
        ['21', false],
        ['20', true],
      ]);
    });

    it('is dropped with its client, as in the general way', async () => {
      const drop = async (next = '') => {
        await fillCache();
        const lines = service.log.length;
        const socket = await sendOnly(service.url, get('absent', WAIT) + next);
        await until('it to be held', isHeld);
        socket.resetAndDestroy();
        await until('it to be dropped', () => service.get(HeldRequests).count === 0);
        return service.log.slice(lines);
      };
      expect(await inTheGeneralWay(drop)).toEqual([]);
      expect(await answeredAhead(async () => expect(await drop()).toEqual([]))).toBe(1);
      expect(await answeredAhead(async () => expect(await drop(LAST)).toEqual([]))).toBe(1);
    });

    it('counts for the address of its client', async () => {
      const addresses: string[] = [];
      const hold = jest
        .spyOn(service.get(HeldRequests), 'hold')
        .mockImplementation(({ address }) => {
          addresses.push(address);
          return false;
        });
      const ask = (send: Send) => send(get('absent', WAIT, 'X-Forwarded-For: 192.0.2.7'));
      await inTheGeneralWay(() => ask(answersTo));
      await fillCache();
      await ask(answersTo);
      await ask(answersAlone);
      hold.mockRestore();
      // Each that was not held ahead of Fastify has tried it there as well.
      expect(addresses).toEqual(Array.from({ length: 5 }, () => '192.0.2.7'));
    });
  });

  it('is closed with its client, and nothing else happens', async () => {
    const socket = await sendOnly(service.url, get('note'));
    socket.resetAndDestroy();
    expect(await service.keyText(pin, 'note')).toContain('🙂');
  });

  it.each([
    ['', []],
    [', in JSON', ['Accept: application/json']],
    [', to a client that asks to wait', ['Prefer: wait=20']],
  ])('says that the master has failed, as the general way does%s', async (_, headers) => {
    const poll = get('master_ready', ...headers);
    await service.addKey(pin, 'master_failed', 'no disk left');
    let answers = '';
    const count = await answeredAhead(async () => ({ answers } = await observe(poll)));
    expect(count).toBe(1);
    expect(answers).toMatch(/^HTTP\/1.1 404 [^]*^cluster-state: failed\r$/m);
    expect(await inTheGeneralWay(() => observe(poll))).toMatchObject({ answers });

    await service.addKey(pin, 'master_ready', 'yes');
    expect((await observe(get('absent'))).answers).not.toContain('cluster-state');
  });
});

describe('A cached poll goes the general way', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  /** A service with a cached key, and a poll for that key as bytes. */
  async function startWithCachedKey(env: NodeJS.ProcessEnv) {
    const service = await InProcessService.start(new MovableClock(Date.now()), env);
    const pin = await service.issuePin();
    await service.addKey(pin, 'a');
    await service.keyText(pin, 'a');
    const poll = `GET /api/v1/clusters/${pin}/keys/a HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\n`;
    return { service, poll };
  }

  it('for pages of CORS_ORIGINS', async () => {
    const { service, poll } = await startWithCachedKey({ CORS_ORIGINS: ORIGIN });
    cleanUp.add(service);
    const answer = await sendRaw(service.url, `${poll}Connection: close\r\n\r\n`);
    expect(answer).toContain(`access-control-allow-origin: ${ORIGIN}`);
    expect(answer).toContain('a: 10.0.0.1');
  });

  it('while the service stops, so that its client connects to another replica', async () => {
    const { service, poll } = await startWithCachedKey({});
    const socket = await sendOnly(service.url, `${poll}\r\n`);
    const [first] = (await once(socket.resume(), 'data')) as [Buffer];
    expect(String(first)).toMatch(/^Connection: keep-alive\r$/im);
    const stopped = service.stop();
    await until('it to begin', () => service.get(HeldRequests).isStopping);
    socket.write(`${poll}\r\n`);
    expect(await text(socket)).toMatch(/^Connection: close\r$/im);
    await stopped;
  });
});

it('A poll includes a change whose signal came together with it', async () => {
  const cleanUp = new CleanUp();
  const redis = cleanUp.add(await RedisServer.start());
  const clock = new MovableClock(Date.now());
  const service = cleanUp.add(await InProcessService.start(clock, { REDIS_URL: redis.url }));
  try {
    const { pin, id } = await service.issue();
    await service.addKey(pin, 'a', 'before');
    const request = `GET /api/v1/clusters/${pin}/keys/a HTTP/1.1\r\nHost: x\r\n`;
    const socket = await sendOnly(service.url, `${request}\r\n`);
    const [first] = (await once(socket.resume(), 'data')) as [Buffer];
    expect(String(first)).toContain('a: before');
    socket.write(`${request}Connection: close\r\n\r\n`);
    // Until this ends, the process reads neither the request nor the signal.
    const cli = (...args: string[]) =>
      execFileSync('redis-cli', ['-p', String(redis.port), ...args]);
    cli('HDEL', `cluster:${id}`, 'key:a');
    cli('PUBLISH', 'cluster-signals', `cluster:${id} key:a`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 404 /);
  } finally {
    await cleanUp.run();
  }
});
