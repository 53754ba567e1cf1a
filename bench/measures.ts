import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { memoryOf } from '../dev/load/memory.ts';
import { repeat } from '../dev/load/statistics.ts';
import { addKey, keyPath } from '../dev/pairing-api.ts';
import type { Server, Stage } from './stage.ts';
import { Waiters } from './waiters.ts';
import { poll } from './wrk.ts';

/** A figure of the service and of what it is compared with, measured in several rounds. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** One number a round. */
  readonly service: readonly number[];
  /** Measured in the same rounds as the service, so that the machine's load affects both. */
  readonly other?: readonly number[];
  readonly comparedWith?: string;
  /** Whether README.md shows it. */
  readonly headline?: boolean;
  /** A bound for the median of the ratio, or of the service's own figure. */
  readonly target?: {
    readonly of: 'ratio' | 'figure';
    readonly least?: number;
    readonly most?: number;
  };
}

export const BARE = 'bare node:http';
const SPEED = { of: 'ratio', least: 0.7 } as const;
const ROUNDS = 5;
const HEAVY_ROUNDS = 3;
const POLLED = 1_000;
const WAITING = 1_000;
const HELD = 15_000;
const SETTLE_MS = 2_000;

/** The cadence of the images in the field: 25 s and 0 to 9 s more between two tries. */
export const CADENCE_S = { least: 25, more: 9 };

/**
 * Polls answered in a second at full speed. They are by far the most frequent request: a thousand clusters of
 * a thousand workers, each polling every 30 s, are about what one replica can serve.
 */
export async function polls(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const services = {
    Redis: await stage.service({ REDIS_URL: redisUrl }),
    SQLite: await stage.service({}),
  };
  const bare = await stage.bare(redisUrl);

  const figures: Figure[] = [];
  for (const [storage, service] of Object.entries(services)) {
    const pins = await Promise.all(Array.from({ length: POLLED }, () => service.issuePin()));
    for (const pin of pins) await addKey(service.url, pin, 'master_ip', '10.0.0.1');
    await setBareClusters(redisUrl, pins);
    for (const [clusters, polled] of [
      ['one cluster', pins.slice(0, 1)],
      [`${POLLED} clusters`, pins],
    ] as const) {
      for (const [answer, key] of [
        ['hit', 'master_ip'],
        ['miss', 'another_key'], // a poll for master_ready would be held
      ] as const) {
        const paths = polled.map((pin) => keyPath(pin, key));
        const loads = await repeat(ROUNDS, async () => ({
          service: await poll(service, paths, answer),
          bare: await poll(bare, paths, answer),
        }));
        const of = (unit: 'perSecond' | 'cpuUs' | 'p50Ms' | 'p99Ms') => ({
          service: loads.map((load) => load.service[unit]),
          other: loads.map((load) => load.bare[unit]),
          comparedWith: `${BARE} and Redis`,
        });
        const what = `polls, ${answer}, of ${clusters}, on ${storage}`;
        figures.push(
          {
            what,
            unit: '/s',
            ...of('perSecond'),
            target: SPEED,
            headline: storage === 'Redis' && answer === 'hit' && polled.length === 1,
          },
          {
            what: `${what}, CPU`,
            unit: 'µs',
            ...of('cpuUs'),
            target: { of: 'figure', most: 12 },
          },
          { what: `${what}, p50`, unit: 'ms', ...of('p50Ms') },
          { what: `${what}, p99`, unit: 'ms', ...of('p99Ms') },
        );
      }
    }
  }
  for (const server of [...Object.values(services), bare]) await server.stop();
  return figures;
}

/** The memory that held requests take in one replica, and the time to answer them all. */
export async function held(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const rounds = await repeat(HEAVY_ROUNDS, async () => {
    const service = await stage.service({ REDIS_URL: redisUrl });
    const pin = await service.issuePin();
    const ours = await hold(service, keyPath(pin, 'master_ready'), () =>
      addKey(service.url, pin, 'master_ready', 'true'),
    );
    await service.stop();
    const bare = await stage.bare();
    const theirs = await hold(bare, '/held', () =>
      fetch(`${bare.url}/release`, { method: 'POST' }),
    );
    await bare.stop();
    return { ours, theirs };
  });
  const of = (measure: 'kibEach' | 'releaseMs') => ({
    service: rounds.map(({ ours }) => ours[measure]),
    other: rounds.map(({ theirs }) => theirs[measure]),
    comparedWith: BARE,
  });
  const what = `${HELD} held requests`;
  return [
    {
      what: `${what}, each`,
      unit: 'KiB',
      ...of('kibEach'),
      target: { of: 'ratio', most: 1.2 },
      headline: true,
    },
    {
      what: `${what}, release of all`,
      unit: 'ms',
      ...of('releaseMs'),
      target: { of: 'figure', most: 2_000 },
    },
    {
      what: `${what}, release of all`,
      unit: 'ms',
      ...of('releaseMs'),
      target: { of: 'ratio', most: 2 },
    },
  ];
}

async function hold(server: Server, path: string, release: () => Promise<unknown>) {
  const before = await memoryOf(server.pid);
  const waiters = new Waiters();
  await waiters.add(`${server.url}${path}`, HELD);
  await delay(SETTLE_MS);
  const kibEach = ((await memoryOf(server.pid)) - before) * (1024 / HELD);
  const releaseMs = Math.max(...(await waiters.releasedBy(release)));
  waiters.close();
  return { kibEach, releaseMs };
}

/** The commands that waiting machines cost Redis, and the memory of a cluster in Redis. */
export async function redisCost(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  const service = await stage.service({ REDIS_URL: redisUrl, MAX_WAIT_SECONDS: '25' });
  const info = async (name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.info())?.[1]);

  const commandsIn = async (seconds: number) => {
    const before = await info('total_commands_processed');
    await delay(seconds * 1_000);
    return ((await info('total_commands_processed')) - before) * (60 / seconds);
  };
  const idle = await commandsIn(15);
  const pin = await service.issuePin();
  const waiters = new Waiters();
  await waiters.add(`${service.url}${keyPath(pin, 'master_ready')}`, WAITING, { again: true });
  const commands = await repeat(HEAVY_ROUNDS, () => commandsIn(25));
  waiters.close();

  const bytes = await repeat(HEAVY_ROUNDS, async () => {
    const before = await info('used_memory');
    for (let n = 0; n < CLUSTERS; n++) {
      const pin = await service.issuePin();
      await addKey(service.url, pin, 'master_ip', '137.138.25.5');
      await addKey(service.url, pin, 'master_ready', 'true');
    }
    const ours = (await info('used_memory')) - before;
    for (let n = 0; n < CLUSTERS; n++) await redis.hSet(`plain:${Math.random()}`, PLAIN);
    return { ours, plain: (await info('used_memory')) - before - ours };
  });
  redis.destroy();
  await service.stop();
  const cadence = 60 / (CADENCE_S.least + CADENCE_S.more / 2);
  return [
    {
      what: 'Redis commands per waiting VM and minute',
      unit: '',
      service: commands.map((each) => Math.max(0, each - idle) / WAITING),
      other: commands.map(() => cadence),
      comparedWith: 'polling, one command a poll',
    },
    {
      what: 'Redis memory per cluster with both keys',
      unit: 'B',
      service: bytes.map(({ ours }) => ours / CLUSTERS),
      other: bytes.map(({ plain }) => plain / CLUSTERS),
      comparedWith: 'a hash of the same in clear',
    },
  ];
}

/** The time from the start of the process to its first answer, and its memory when idle. */
export async function start(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const figures: Figure[] = [];
  for (const [storage, env] of [
    ['Redis', { REDIS_URL: redisUrl }],
    ['SQLite', {}],
  ] as const) {
    const rounds = await repeat(ROUNDS, async () => {
      const service = await stage.replica(env);
      const bare = await stage.bare(redisUrl);
      await delay(SETTLE_MS);
      const idle = [await memoryOf(service.pid), await memoryOf(bare.pid)] as const;
      await service.stop();
      await bare.stop();
      return { starts: [service.startMs, bare.startMs] as const, idle };
    });
    const of = (measure: 'starts' | 'idle') => ({
      service: rounds.map((round) => round[measure][0]),
      other: rounds.map((round) => round[measure][1]),
      comparedWith: `${BARE} and node-redis`,
    });
    figures.push(
      {
        what: `start, on ${storage}`,
        unit: 'ms',
        ...of('starts'),
        target: { of: 'figure', most: 2_000 },
      },
      {
        what: `idle, on ${storage}`,
        unit: 'MiB',
        ...of('idle'),
        target: { of: 'figure', most: 130 },
        headline: storage === 'Redis',
      },
    );
  }
  return figures;
}

const CLUSTERS = 200;
const PLAIN = { master_ip: '137.138.25.5', master_ready: 'true' };

export async function setBareClusters(redisUrl: string, pins: readonly string[]): Promise<void> {
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  const expires = Date.now() + 24 * 3600_000;
  await Promise.all(
    pins.map((pin) =>
      redis.hSet(`cluster:${pin}`, {
        expires,
        'key:master_ip': '10.0.0.1',
        'key:master_ready': '10.0.0.1',
      }),
    ),
  );
  redis.destroy();
}
