import { percentile, repeat } from '../dev/load/statistics.ts';
import { addKey, keyPath } from '../dev/pairing-api.ts';
import { arrive } from './arrivals.ts';
import { delaysOfWaiting, timeUntilAllHave } from './h2load.ts';
import { BARE, CADENCE_S, type Figure, setBareClusters } from './measures.ts';
import type { PairingService, Server, Stage } from './stage.ts';

/** More than elsewhere: a crowd is gone in a tenth of a second, in which anything else on the machine counts. */
const ROUNDS = 9;
const WAITING = 1_000;

/** The time from the post of `master_ready` until the waiting workers of one cluster have it. */
export async function notice(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const service = await stage.service({ REDIS_URL: redisUrl });
  const other = await stage.replica({ REDIS_URL: redisUrl });
  const figures = [
    ...(await noticeOf(WAITING, service, [service, other], 250)),
    ...(await noticeOf(5 * WAITING, service, [service], 100)),
  ];
  for (const replica of [service, other]) await replica.stop();
  return figures;
}

async function noticeOf(
  count: number,
  service: PairingService,
  replicas: readonly Server[],
  most: number,
): Promise<Figure[]> {
  const rounds = await repeat(ROUNDS, async () => {
    const pin = await service.issuePin();
    const urls = replicas.map(({ url }) => `${url}${keyPath(pin, 'master_ready')}`);
    const delays = await delaysOfWaiting(urls, count / replicas.length, () =>
      addKey(service.url, pin, 'master_ready', 'true'),
    );
    return { delays, polling: Array.from({ length: count }, delayByPolling) };
  });
  const at = (percent: number) => ({
    unit: 'ms',
    service: rounds.map(({ delays }) => percentile(delays, percent)),
    other: rounds.map(({ polling }) => percentile(polling, percent)),
    comparedWith: 'polling, simulated',
  });
  const on = replicas.length === 1 ? 'one replica' : `${replicas.length} replicas`;
  const what = `notice of ${count} waiting workers on ${on}`;
  return [
    { what: `${what}, p50`, ...at(50) },
    {
      what: `${what}, p99`,
      ...at(99),
      target: { of: 'figure', most },
      headline: count === WAITING,
    },
    { what: `${what}, max`, ...at(100) },
  ];
}

/** The time from the arrival of new machines, each with a new connection, until they have both keys. */
export async function arrivals(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const service = await stage.service({ REDIS_URL: redisUrl });
  const bare = await stage.bare(redisUrl);
  const pin = await service.issuePin();
  const keys = ['master_ready', 'master_ip'];
  for (const key of keys) await addKey(service.url, pin, key, '10.0.0.1');
  await setBareClusters(redisUrl, [pin]);
  const paths = keys.map((key) => keyPath(pin, key));

  const figures: Figure[] = [];
  for (const { count, arrival, measure, most } of [
    {
      count: 500,
      arrival: 'within 500 ms, p99',
      measure: async (server: Server) => percentile(await arrive(server, paths, 500, 500), 99),
      most: 25,
    },
    ...[1_000, 3_000].map((count) => ({
      count,
      arrival: 'at once, max',
      measure: (server: Server) => timeUntilAllHave(server, paths, count),
      most: count / 10,
    })),
  ]) {
    const rounds = await repeat(ROUNDS, async () => ({
      service: await measure(service),
      bare: await measure(bare),
    }));
    figures.push({
      what: `both keys for ${count} machines that arrive ${arrival}`,
      unit: 'ms',
      service: rounds.map((round) => round.service),
      other: rounds.map((round) => round.bare),
      comparedWith: `${BARE} and Redis`,
      target: { of: 'figure', most },
    });
  }
  for (const server of [service, bare]) await server.stop();
  return figures;
}

/**
 * The delay of a polling worker, in ms: the time until its next try. The moment falls anywhere into a pause,
 * and into a long pause more often than into a short one.
 */
function delayByPolling(): number {
  const { least, more } = CADENCE_S;
  let pause: number;
  do pause = least + Math.random() * more;
  while (Math.random() > pause / (least + more));
  return Math.random() * pause * 1_000;
}
