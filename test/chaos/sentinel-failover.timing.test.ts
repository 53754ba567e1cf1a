import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { Client } from '../support/client.js';
import { Load } from '../support/load.js';
import { until } from '../support/process.js';
import { DURABLE } from '../support/redis.js';
import { SentinelGroup } from '../support/sentinel.js';
import { type Service, startService } from '../support/service.js';

/** Sentinels need a second to be sure, then have to agree, and elect, and promote. */
const FAILOVER_MS = 20_000;
/** A sentinel checks its nodes every 10 s, and gives a wrong one 8 s to correct itself. */
const DEMOTION_MS = 60_000;

describe('Behind Sentinel', () => {
  const cleanUp = new CleanUp();
  let group: SentinelGroup;
  let service: Service;
  let client: Client;

  beforeAll(async () => {
    group = cleanUp.add(await SentinelGroup.start(DURABLE));
    service = cleanUp.add(await startService({ REDIS_URL: group.url() }));
    client = cleanUp.add(new Client(service.url, { keepAlive: true }));
  });
  afterAll(() => cleanUp.run());

  it('the service recovers when the primary has died', async () => {
    const pin = await service.issuePin();
    const keys = `/api/v1/clusters/${pin}/keys`;
    await client.request('POST', keys, { key: 'master_ip', value: '10.0.0.1' });
    // What is not with the replica yet is what an asynchronous replication may lose.
    await group.primary.command('WAIT', '1', '1000');

    const polls = cleanUp.add(new Load(8, () => client.get(`${keys}/master_ip`)));
    await until('polls to be answered', () => polls.results.length > 100);
    await group.primary.kill();
    const served = () => polls.results.filter(({ status }) => status === 200).length;
    await until('refusals', () => polls.results.some(({ status }) => status === 503));
    const before = served();
    await until('the replica to serve', () => served() > before, FAILOVER_MS);
    await polls.stop();
    expect(new Set(polls.results.map(({ status }) => status))).toEqual(new Set([200, 503]));
    expect(Math.max(...polls.results.map(({ ms }) => ms))).toBeLessThan(1_000);

    const ready = { key: 'master_ready', value: 'true' };
    expect(await client.request('POST', keys, ready)).toMatchObject({ status: 201 });
    expect(await client.get(`${keys}/master_ready`)).toMatchObject({ status: 200 });
    expect((await client.get('/health/ready')).status).toBe(200);

    // The old primary comes back as a replica of the new, and nothing is the worse for it.
    await group.primary.restart();
    await until(
      'the old primary to follow',
      () => group.primary.log.includes('Finished with success'),
      DEMOTION_MS,
    );
    expect(await client.get(`${keys}/master_ready`)).toMatchObject({ status: 200 });
  }, 120_000);
});
