import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { formClusters, Machine } from '../support/cluster.js';
import { Client, type Outcome } from '../support/client.js';
import { failedTooEarly, Load } from '../support/load.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { type Service, startProvider, startService } from '../support/service.js';

const CLUSTERS = 100;
const WORKERS = 9;

describe('Of two replicas', () => {
  const cleanUp = new CleanUp();
  let replicas: Service[];
  let clients: Client[];

  beforeEach(async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const provider = cleanUp.add(await startProvider());
    const env = { REDIS_URL: redis.url, PIN_SECRET: 'x'.repeat(32), LOG_LEVEL: 'warn' };
    replicas = await Promise.all([startService(env, provider), startService(env, provider)]);
    for (const replica of replicas) cleanUp.add(replica);
    // As a VM's curl does: a connection for each request.
    clients = replicas.map(({ url }) => cleanUp.add(new Client(url, { keepAlive: false })));
  });
  afterEach(() => cleanUp.run());

  async function issuePins(): Promise<string[]> {
    const authorization = `Bearer ${await replicas[0]!.token()}`;
    const issue = () => clients[0]!.request('POST', '/api/v1/clusters', {}, { authorization });
    const issued = await Promise.all(Array.from({ length: CLUSTERS }, issue));
    return issued.map(({ body }) => (JSON.parse(body) as { pin: string }).pin);
  }

  /** Forms all clusters, half of them not before something has begun to happen. */
  async function formAll(happen: () => Promise<unknown>): Promise<Outcome[]> {
    const pins = await issuePins();
    const outcomes: Outcome[] = [];
    const newMachine = () => new Machine(clients, outcomes);
    const begun = Promise.withResolvers<void>();
    const due = (number: number) => (number % 2 === 0 ? Promise.resolve() : begun.promise);
    const forming = formClusters(newMachine, pins, WORKERS, due);
    await forming[0];
    const happened = happen();
    begun.resolve();
    await Promise.all(forming);
    await happened;
    return outcomes;
  }

  it(`one is killed while ${CLUSTERS} clusters form, and all form`, async () => {
    const outcomes = await formAll(() => replicas[1]!.program.stop('SIGKILL'));
    // Otherwise the test would prove nothing.
    expect(outcomes.some(({ error }) => error !== undefined)).toBe(true);
  });

  it(`one is stopped while ${CLUSTERS} clusters form, and no request fails before it is gone`, async () => {
    const outcomes = await formAll(async () => {
      expect(await replicas[1]!.program.stop('SIGTERM')).toBe(0);
    });
    // A load balancer sends no requests to a port that does not listen.
    expect(failedTooEarly(outcomes)).toEqual([]);
    expect(outcomes.every(({ status = 200 }) => [200, 201, 404].includes(status))).toBe(true);
  });
});

describe('SIGTERM', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  beforeEach(async () => {
    const redis = cleanUp.add(await RedisServer.start());
    service = cleanUp.add(await startService({ REDIS_URL: redis.url, LOG_LEVEL: 'warn' }));
  });
  afterEach(() => cleanUp.run());

  it('refuses no request before the listener closes, on new and on kept connections', async () => {
    const pin = await service.issuePin();
    const loads = [true, false].map((keepAlive) => {
      const client = cleanUp.add(new Client(service.url, { keepAlive }));
      const poll = () => client.get(`/api/v1/clusters/${pin}/keys/master_ready`);
      return cleanUp.add(new Load(8, poll));
    });
    await until('answers', () => loads.every(({ results }) => results.length > 100));
    expect(await service.program.stop('SIGTERM')).toBe(0);
    for (const load of loads) {
      const outcomes = await load.stop();
      expect(failedTooEarly(outcomes)).toEqual([]);
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([404, undefined]));
    }
  });

  it('lets a request in flight finish, and does not wait for idle connections', async () => {
    const silent = await open();
    const asking = await open();
    const pin = await service.issuePin();
    const body = JSON.stringify({ key: 'master_ip', value: '10.0.0.1' });
    asking.write(
      `POST /api/v1/clusters/${pin}/keys HTTP/1.1\r\nHost: localhost\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    asking.write(body.slice(0, 10));
    service.program.signal('SIGTERM');
    const other = cleanUp.add(new Client(service.url, { keepAlive: false }));
    await until('the listener to be closed', async () => {
      return (await other.get('/health/live')).error === 'ECONNREFUSED';
    });
    asking.write(body.slice(10));
    expect(await text(asking)).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(await service.program.ended).toBe(0);
    silent.destroy();
  });

  async function open() {
    const socket = connect(Number(new URL(service.url).port), 'localhost');
    await once(socket, 'connect');
    return socket;
  }
});

describe('SIGTERM, while requests are held', () => {
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  it('interrupts none, answers all as if their wait were over, and counts fetches', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const env = { REDIS_URL: redis.url, PIN_SECRET: 'x'.repeat(32), LOG_LEVEL: 'warn' };
    const [stopped, staying] = [
      cleanUp.add(await startService(env)),
      cleanUp.add(await startService(env)),
    ];
    const pin = await stopped.issuePin();
    const keys = `/api/v1/clusters/${pin}/keys`;
    const client = cleanUp.add(new Client(stopped.url, { keepAlive: true }));
    const address = { key: 'master_ip', value: '10.0.0.1' };
    await client.request('POST', keys, address);
    await client.get(`${keys}/master_ip`);
    const prefer = { prefer: 'wait=25' };
    const waiting = Array.from({ length: 200 }, () =>
      client.request('GET', `${keys}/master_ready`, undefined, prefer),
    );
    await delay(1_000);
    expect(await stopped.program.stop('SIGTERM')).toBe(0);

    const outcomes = await Promise.all(waiting);
    expect(outcomes.every(({ status, error }) => status === 404 && error === undefined)).toBe(true);
    const times = outcomes.map(({ ms }) => ms);
    // 200 held at once, 4 every 100 ms.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(2_000);
    const events = await fetch(`${staying.url}/api/v1/clusters/${pin}/events`);
    const { value } = await events.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toContain('"fetches":1');
  }, 60_000);
});
