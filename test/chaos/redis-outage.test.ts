import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { Client, type Outcome } from '../support/client.js';
import { Load } from '../support/load.js';
import { until } from '../support/process.js';
import { DURABLE, RedisServer } from '../support/redis.js';
import { type Service, startService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Virtual machines are promised an answer within a second, whatever happens to Redis. */
const PROMISED_MS = 1_000;

describe('When Redis', () => {
  const cleanUp = new CleanUp();
  let redis: RedisServer;
  let proxy: TcpProxy;
  let service: Service;
  let client: Client;
  let authorization: string;
  let pin: string;

  // One service for all, because it has to come through all of this.
  beforeAll(async () => {
    redis = cleanUp.add(await RedisServer.start(DURABLE));
    proxy = cleanUp.add(await TcpProxy.to(redis.port));
    const REDIS_URL = `redis://127.0.0.1:${proxy.port}`;
    service = cleanUp.add(await startService({ REDIS_URL }));
    client = cleanUp.add(new Client(service.url, { keepAlive: true }));
    authorization = `Bearer ${await service.token()}`;
    pin = await service.issuePin();
  });
  afterAll(() => cleanUp.run());

  const readiness = async () => {
    const { status, body } = await client.get('/health/ready');
    // It answers as promised, so it stays behind the Service.
    expect(status).toBe(200);
    return JSON.parse(body) as { status: string; storage: string; warnings: string[] };
  };
  const hasStorage = async () => (await readiness()).storage === 'up';
  const findsStorage = () => until('the storage to be found', hasStorage);
  const losesStorage = () => until('the storage to be lost', async () => !(await hasStorage()));

  /** What an acknowledged write said. */
  interface Written {
    readonly path: string;
    readonly text: string;
  }

  /** Forms one cluster, or what can be formed of it, and gives what was acknowledged. */
  async function write(number: number): Promise<Written[]> {
    const issued = await client.request('POST', '/api/v1/clusters', {}, { authorization });
    if (issued.status !== 201) return [];
    const { pin } = JSON.parse(issued.body) as { pin: string };
    const written: Written[] = [];
    for (const key of ['master_ip', 'master_ready']) {
      const value = `10.0.0.${number}`;
      const path = `/api/v1/clusters/${pin}/keys`;
      const { status } = await client.request('POST', path, { key, value });
      if (status === 201) written.push({ path: `${path}/${key}`, text: `${key}: ${value}` });
    }
    return written;
  }

  /** What the machines of a cluster see: polls for a key that is not there. */
  function poll(): Load<Outcome> {
    return cleanUp.add(new Load(8, () => client.get(`/api/v1/clusters/${pin}/keys/master_ready`)));
  }

  /** Polls through a fault and out of it, and gives how the polls ended. */
  async function pollThrough(begin: () => void | Promise<void>, end: () => void | Promise<void>) {
    const polls = poll();
    await until('polls to be answered', () => polls.results.length > 100);
    await begin();
    await losesStorage();
    await until('more polls to be refused', () => refused(polls.results).length > 100);
    await end();
    await findsStorage();
    return polls.stop();
  }

  const refused = (outcomes: Outcome[]) => outcomes.filter(({ status }) => status === 503);

  function expectKeptPromises(outcomes: Outcome[]): void {
    // Nothing but "not there" or "not now", with the advice to come back.
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([404, 503]));
    expect(refused(outcomes).every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
    expect(Math.max(...outcomes.map(({ ms }) => ms))).toBeLessThan(PROMISED_MS);
  }

  function expectHealthyProcess(): void {
    expect(service.program.running).toBe(true);
    expect(service.output).not.toMatch(/MaxListenersExceeded|Unhandled|FATAL/);
  }

  const openFiles = async () => (await readdir(`/proc/${service.program.pid}/fd`)).length;

  it('is killed during writes and comes back, every acknowledged write is there', async () => {
    const before = await openFiles();
    const acknowledged: Written[] = [];
    for (let kills = 0; kills < 3; kills++) {
      const writes = cleanUp.add(new Load(8, write));
      await until('some writes', () => writes.results.flat().length > 100);
      expectKeptPromises(
        await pollThrough(
          () => redis.kill(),
          () => redis.restart(),
        ),
      );
      acknowledged.push(...(await writes.stop()).flat());
    }

    for (const { path, text } of acknowledged) {
      expect(await client.get(path)).toMatchObject({ status: 200, body: text });
    }
    expectHealthyProcess();
    client.close();
    await until('all that was opened to be closed', async () => (await openFiles()) <= before);
  });

  it('hangs, requests fail fast, and it is used again when it continues', async () => {
    const [kept] = await write(1);
    expectKeptPromises(
      await pollThrough(
        () => redis.signal('SIGSTOP'),
        () => redis.signal('SIGCONT'),
      ),
    );
    expect(await client.get(kept!.path)).toMatchObject({ status: 200, body: kept!.text });
    expectHealthyProcess();
  });

  it('is cut off silently, requests fail fast, and the service reconnects', async () => {
    const [kept] = await write(1);
    expectKeptPromises(
      await pollThrough(
        () => proxy.freeze(),
        () => proxy.thaw(),
      ),
    );
    expect(await client.get(kept!.path)).toMatchObject({ status: 200, body: kept!.text });
    expectHealthyProcess();
  });

  it('is gone under load, the log says so once, and once that it is back', async () => {
    const before = service.output.length;
    await pollThrough(
      () => redis.kill(),
      () => redis.restart(),
    );
    const said = service.output.slice(before).matchAll(/^\[.*?\] (?:WARN|ERROR|FATAL): (.*)$/gm);
    expect([...said].map(([, message]) => message)).toEqual([
      expect.stringContaining('Redis is gone'),
      'Redis is back.',
    ]);
  });

  it('is away, the readiness says what that means', async () => {
    await redis.kill();
    await losesStorage();
    expect(await readiness()).toMatchObject({
      status: 'up',
      storage: 'down',
      warnings: [
        'The storage, or a part of it, does not answer: requests for its clusters are answered 503.',
      ],
    });
    await redis.restart();
    await findsStorage();
    expect(await readiness()).toMatchObject({ status: 'up', storage: 'up', warnings: [] });
  });

  it('is cut off while there are no requests, the service still notices', async () => {
    const said = (what: string) => service.output.split(what).length - 1;
    const [gone, back] = [said('Redis is gone'), said('Redis is back')];
    proxy.freeze();
    await until('the log to say so', () => said('Redis is gone') > gone);
    proxy.thaw();
    await until('the log to say so', () => said('Redis is back') > back);
    expect(await hasStorage()).toBe(true);
  });
});
