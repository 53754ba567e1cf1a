import { afterEach, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { until } from '../support/process.js';
import { DURABLE, RedisServer } from '../support/redis.js';
import { startProvider, startService } from '../support/service.js';

describe('From a trial to production', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it('no live cluster is lost if the new Redis follows the old one first', async () => {
    const trial = cleanUp.add(await RedisServer.start({ ...DURABLE }));
    const production = cleanUp.add(await RedisServer.start({ ...DURABLE }));
    const provider = cleanUp.add(await startProvider());
    const common = { PIN_SECRET: 'n5bA8xQz1LwR7tYuE3cVfG6hJ9kMpS2d' };
    const before = await startService({ ...common, REDIS_URL: trial.url }, provider);
    const pin = await before.issuePin();
    const keys = `/api/v1/clusters/${pin}/keys`;
    const posted = await fetch(before.url + keys, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'master_ip', value: '10.0.0.1' }),
    });
    expect(posted.status).toBe(201);
    const expiry = await (await fetch(`${before.url}/api/v1/clusters/${pin}`)).json();

    await production.command('REPLICAOF', '127.0.0.1', String(trial.port));
    await until('the new Redis to follow', async () =>
      String(await production.command('INFO', 'replication')).includes('master_link_status:up'),
    );
    await before.stop();
    await production.command('REPLICAOF', 'NO', 'ONE');
    await trial.kill();

    const after = cleanUp.add(
      await startService({ ...common, REDIS_URL: production.url }, provider),
    );
    expect(await (await fetch(`${after.url}${keys}/master_ip`)).text()).toBe('master_ip: 10.0.0.1');
    expect(await (await fetch(`${after.url}/api/v1/clusters/${pin}`)).json()).toEqual(expiry);
  });
});
