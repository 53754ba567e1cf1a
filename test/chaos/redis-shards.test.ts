import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { Client, type Outcome } from '../support/client.js';
import { formClusters, Machine } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { until } from '../support/process.js';
import { DURABLE } from '../support/redis.js';
import { RedisShards } from '../support/redis-shards.js';
import { type Service, startProvider, startService } from '../support/service.js';

const CLUSTERS = 100;
const WORKERS = 4;
/** So many that some of them hold clusters, whichever they are. */
const MOVED_SLOTS = 700;
/** The nodes need a second to be sure, then have to agree and to elect. */
const FAILOVER_MS = 20_000;
/** Machines are promised an answer within a second, whatever happens to Redis. */
const PROMISED_MS = 1_000;

describe('With two replicas of the service on a Redis Cluster', () => {
  const cleanUp = new CleanUp();
  let redis: RedisShards;
  let services: Service[];
  let clients: Client[];
  let authorization: string;

  beforeAll(async () => {
    redis = cleanUp.add(
      await RedisShards.start({ ...DURABLE, 'cluster-require-full-coverage': 'no' }),
    );
    const provider = cleanUp.add(await startProvider());
    const env = { REDIS_URL: redis.url(), PIN_SECRET: 'x'.repeat(32), LOG_LEVEL: 'warn' };
    services = await Promise.all([startService(env, provider), startService(env, provider)]);
    for (const service of services) cleanUp.add(service);
    clients = services.map(({ url }) => cleanUp.add(new Client(url, { keepAlive: true })));
    authorization = `Bearer ${await services[0]!.token()}`;
  }, 30_000);
  afterAll(() => cleanUp.run());

  async function issuePin(): Promise<string> {
    const issued = await clients[0]!.request('POST', '/api/v1/clusters', {}, { authorization });
    return (JSON.parse(issued.body) as { pin: string }).pin;
  }

  it(`${CLUSTERS} clusters form while slots are moved, and no request is refused`, async () => {
    const pins = await Promise.all(Array.from({ length: CLUSTERS }, issuePin));
    const outcomes: Outcome[] = [];
    const newMachine = () => new Machine(clients, outcomes);
    const begun = Promise.withResolvers<void>();
    const due = (number: number) => (number % 2 === 0 ? Promise.resolve() : begun.promise);
    const forming = formClusters(newMachine, pins, WORKERS, due);
    const [from, to] = redis.primaries;
    const moving = redis.reshard(from!, to!, MOVED_SLOTS);
    await until('some slots to have moved', () => moving.output.split('Moving slot').length > 100);
    begun.resolve();
    await Promise.all(forming);
    expect(await moving.ended).toBe(0);
    const refused = outcomes.filter(({ status = 0 }) => ![200, 201, 404].includes(status));
    expect(refused).toEqual([]);
    for (const service of services) expect(service.output).not.toContain('is gone');
  }, 60_000);

  it.each<[string, (redis: RedisShards) => Promise<void> | void, (redis: RedisShards) => void]>([
    ['is killed', ({ primaries }) => primaries[0]!.kill(), () => undefined],
    [
      'hangs, and wakes up as a replica',
      ({ primaries }) => primaries[1]!.signal('SIGSTOP'),
      ({ primaries }) => primaries[1]!.signal('SIGCONT'),
    ],
  ])(
    'a primary %s: nothing acknowledged is lost, and other shards serve',
    async (_, begin, end) => {
      const outcomes: Outcome[] = [];
      const acknowledged = new Set<string>();
      const write = async (n: number) => {
        const client = clients[n % 2]!;
        const issued = await client.request('POST', '/api/v1/clusters', {}, { authorization });
        outcomes.push(issued);
        if (issued.status !== 201) return;
        const keys = `/api/v1/clusters/${(JSON.parse(issued.body) as { pin: string }).pin}/keys`;
        for (const key of ['master_ip', 'master_ready']) {
          const posted = await client.request('POST', keys, { key, value: '10.0.0.1' });
          outcomes.push(posted);
          if (posted.status === 201) acknowledged.add(`${keys}/${key}`);
        }
      };
      const served = () => outcomes.filter(({ status }) => status === 201).length;
      const refused = () => outcomes.filter(({ status }) => status === 503).length;
      const writes = cleanUp.add(new Load(8, write));
      await until('writes', () => served() > 300);
      await begin(redis);
      await until('refusals', () => refused() > 20);
      const before = served();
      await until('other shards to serve', () => served() > before + 20);
      const isWell = () => outcomes.slice(-100).every(({ status }) => status === 201);
      await until('the replica to serve', isWell, FAILOVER_MS);
      end(redis);
      const atEnd = served();
      await until('more writes', () => served() > atEnd + 300);
      await writes.stop();

      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([201, 503]));
      expect(Math.max(...outcomes.map(({ ms }) => ms))).toBeLessThan(PROMISED_MS);
      for (const path of acknowledged) expect((await clients[0]!.get(path)).status).toBe(200);
      for (const client of clients) {
        expect(JSON.parse((await client.get('/health/ready')).body)).toMatchObject({
          storage: 'up',
        });
      }
    },
    60_000,
  );
});
