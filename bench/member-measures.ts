import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../dev/load/client.ts';
import { repeat } from '../dev/load/statistics.ts';
import { addKey, keyPath } from '../dev/pairing-api.ts';
import type { Figure } from './measures.ts';
import type { Server, Stage } from './stage.ts';
import { Waiters } from './waiters.ts';

const ROUNDS = 3;
const JOINING = 1_000;
const CLUSTER = 500;
const SETTLE_MS = 2_000;
/** Talos promises that 50 members know each other within 5 s. */
const TALOS_MS = 5_000;

/**
 * Members that join, on two replicas: a thousand in a second, while a thousand clients wait until all are there; and a
 * cluster of which each part learns of the other.
 */
export async function members(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const service = await stage.service({ REDIS_URL: redisUrl });
  const replicas: Server[] = [service, await stage.replica({ REDIS_URL: redisUrl })];
  const joins = await repeat(ROUNDS, async () =>
    joinWhileOthersWait(replicas, await service.issuePin()),
  );
  const convergences = await repeat(ROUNDS, async () =>
    converge(replicas, await service.issuePin()),
  );
  for (const replica of replicas) await replica.stop();
  return [
    {
      what: `${JOINING} members join while ${JOINING} wait for all, from the first to the last`,
      unit: 'ms',
      service: joins.map(({ joinMs }) => joinMs),
      target: { of: 'figure', most: 1_500 },
    },
    {
      what: `${JOINING} members, notice of the last one that waits`,
      unit: 'ms',
      service: joins.map(({ noticeMs }) => noticeMs),
      target: { of: 'figure', most: 500 },
    },
    {
      what: `${CLUSTER} workers and their master know each other`,
      unit: 'ms',
      service: convergences,
      other: convergences.map(() => TALOS_MS),
      comparedWith: 'Talos, its promise for 50',
      target: { of: 'ratio', most: 1 },
      headline: true,
    },
  ];
}

/** How long the members took to join, evenly in a second at best, and how long after the last one all had the list. */
async function joinWhileOthersWait(replicas: readonly Server[], pin: string) {
  const waiters = new Waiters();
  for (const { url } of replicas) {
    await waiters.add(`${url}${membersPath(pin)}?at_least=${JOINING}`, JOINING / replicas.length);
  }
  await delay(SETTLE_MS);
  const clients = clientsOf(replicas);
  let joinMs = 0;
  const released = await waiters.releasedBy(async () => {
    const start = performance.now();
    await Promise.all(
      Array.from({ length: JOINING }, async (_, n) => {
        await delay((n * 1_000) / JOINING);
        await join(clients[n % clients.length]!, pin, n, 'waiting');
      }),
    );
    joinMs = performance.now() - start;
  });
  waiters.close();
  for (const client of clients) client.close();
  return { joinMs, noticeMs: Math.max(0, Math.max(...released) - joinMs) };
}

/**
 * The time from the start of all machines until each worker has the address of its master, and the master has the list
 * of all workers that are ready.
 */
async function converge(replicas: readonly Server[], pin: string): Promise<number> {
  const clients = clientsOf(replicas);
  const start = performance.now();
  const prefer = { prefer: 'wait=120' };
  const get = async (client: Client, path: string) => {
    const { status, body } = await client.request('GET', path, undefined, prefer);
    if (status !== 200) throw new Error(`A machine that waited was answered ${status}.`);
    return body;
  };
  const worker = async (_: unknown, n: number) => {
    const client = clients[n % clients.length]!;
    await join(client, pin, n, 'waiting');
    for (const key of ['master_ready', 'master_ip']) await get(client, keyPath(pin, key));
    await join(client, pin, n, 'ready');
  };
  const master = async () => {
    for (const key of ['master_ip', 'master_ready']) {
      await addKey(replicas[0]!.url, pin, key, '10.0.0.1');
    }
    const list = await get(clients[0]!, `${membersPath(pin)}?state=ready&at_least=${CLUSTER}`);
    if (list.split('\n').length - 1 !== CLUSTER) throw new Error('The list lacks members.');
  };
  await Promise.all([...Array.from({ length: CLUSTER }, worker), master()]);
  for (const client of clients) client.close();
  return performance.now() - start;
}

async function join(client: Client, pin: string, n: number, state: string): Promise<void> {
  const address = `10.1.${n >> 8}.${n & 255}`;
  const { status, error } = await client.request('PUT', `${membersPath(pin)}/worker-${n}`, {
    address,
    state,
  });
  if (status !== 200 && status !== 201) throw new Error(`A join was answered ${status ?? error}.`);
}

function clientsOf(replicas: readonly Server[]): Client[] {
  return replicas.map(({ url }) => new Client(url, { keepAlive: true }));
}

function membersPath(pin: string): string {
  return `/api/v1/clusters/${pin}/members`;
}
