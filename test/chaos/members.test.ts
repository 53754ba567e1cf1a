import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { Client, type Outcome } from '../support/client.js';
import { Machine } from '../support/cluster.js';
import { until } from '../support/process.js';
import { DURABLE, RedisServer } from '../support/redis.js';
import { type Service, startProvider, startService } from '../support/service.js';

const MEMBERS = 500;
/** In how many steps they join: the faults fall between the first and the last. */
const STEPS = 20;
const STEP_MS = 250;

describe('While the members of a cluster join, replicas and Redis are killed', () => {
  const cleanUp = new CleanUp();
  const outcomes: Outcome[] = [];
  let redis: RedisServer;
  let replicas: Service[];
  let clients: Client[];
  let members: string;

  beforeAll(async () => {
    redis = cleanUp.add(await RedisServer.start(DURABLE));
    const provider = cleanUp.add(await startProvider());
    const env = { REDIS_URL: redis.url, PIN_SECRET: 'x'.repeat(32), LOG_LEVEL: 'warn' };
    replicas = [await startService(env, provider), await startService(env, provider)];
    for (const replica of replicas) cleanUp.add(replica);
    clients = replicas.map(({ url }) => cleanUp.add(new Client(url, { keepAlive: false })));
    members = `/api/v1/clusters/${await replicas[0]!.issuePin()}/members`;
  });
  afterAll(() => cleanUp.run());

  const nameOf = (n: number) => `worker-${n}`;
  const statusOf = (n: number, state: string) => ({
    address: `10.1.${n >> 8}.${n & 255}`,
    state,
    detail: `worker ${n} is ${state}`,
  });

  /** A machine that joins, and becomes ready. It repeats what was not acknowledged. */
  async function boot(n: number): Promise<void> {
    const path = `${members}/${nameOf(n)}`;
    const machine = new Machine(clients, outcomes);
    await machine.request([200, 201], 'PUT', path, statusOf(n, 'waiting'));
    await machine.request([200], 'PUT', path, statusOf(n, 'ready'));
  }

  const failed = () => outcomes.filter(({ status = 0 }) => status !== 200 && status !== 201).length;

  it(`and all ${MEMBERS} are listed in the end, once each, and are counted`, async () => {
    const booting = Promise.all(
      Array.from({ length: MEMBERS }, async (_, n) => {
        await delay(Math.floor((n * STEPS) / MEMBERS) * STEP_MS);
        await boot(n);
      }),
    );
    await until('some to have joined', () => outcomes.length > MEMBERS / STEPS);
    await replicas[1]!.program.stop('SIGKILL');
    await until('some joins to fail', () => failed() > 10, 60_000);
    const before = failed();
    await redis.kill();
    await until('more joins to fail', () => failed() > before + 10, 60_000);
    await redis.restart();
    await booting;

    const [client] = clients;
    const accept = { accept: 'application/json' };
    const path = `${members}?state=ready&at_least=${MEMBERS}`;
    const { body } = await client!.request('GET', path, undefined, accept);
    const listed = JSON.parse(body) as { name: string }[];
    const byNumber = listed.toSorted((one, other) => numberIn(one) - numberIn(other));
    expect(byNumber).toEqual(
      Array.from({ length: MEMBERS }, (_, n) =>
        expect.objectContaining({ name: nameOf(n), ...statusOf(n, 'ready') }),
      ),
    );
  }, 180_000);
});

function numberIn({ name }: { name: string }): number {
  return Number(name.split('-')[1]);
}
