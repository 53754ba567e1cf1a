import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { PostgresServer } from '../support/postgres.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';

const OLD = 'the secret that was there before';
const NEW = 'the secret that is to replace it';

/** The three steps of a change, as docs/operations.md has them. */
const before: NodeJS.ProcessEnv = { PIN_SECRET: OLD };
const announced: NodeJS.ProcessEnv = { PIN_SECRET: OLD, PIN_SECRET_PREVIOUS: NEW };
const changed: NodeJS.ProcessEnv = { PIN_SECRET: NEW, PIN_SECRET_PREVIOUS: OLD };
const after: NodeJS.ProcessEnv = { PIN_SECRET: NEW };

const cleanUp = new CleanUp();
const clock = new MovableClock(Date.now());
afterEach(() => cleanUp.run());

const start = async (env: NodeJS.ProcessEnv) =>
  cleanUp.add(await InProcessService.start(clock, env));
const status = async (service: InProcessService, pin: string) =>
  (await service.api(`/clusters/${pin}`)).status;

describe('A cluster that was issued before PIN_SECRET was changed', () => {
  let dataDir: string;
  let pin: string;
  let service: InProcessService;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
    const first = await InProcessService.start(clock, { ...before, DATA_DIR: dataDir });
    pin = await first.issuePin();
    await first.addKey(pin, 'master_ip', '10.0.0.1');
    await first.stop();
    service = await start({ ...changed, DATA_DIR: dataDir });
  });

  it('still pairs', async () => {
    const answer = service.api(`/clusters/${pin}/keys/master_ready`, {
      headers: { prefer: 'wait=20' },
    });
    await until('the request to be held', () => service.get(HeldRequests).count === 1);
    expect((await service.addKey(pin, 'master_ready', 'true')).status).toBe(201);
    expect((await answer).text).toBe('master_ready: true');
    expect(await service.keyText(pin, 'master_ip')).toBe('master_ip: 10.0.0.1');
  });

  it('still accepts only one master', async () => {
    expect((await service.addKey(pin, 'master_ip', '10.0.0.2')).status).toBe(409);
    const again = await service.addKey(pin, 'master_ip', '10.0.0.1');
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  });

  it('can be changed, and ended', async () => {
    const key = `/clusters/${pin}/keys/master_ip`;
    const patched = await service.api(key, { method: 'PATCH', json: { value: '10.0.0.3' } });
    expect(patched.text).toBe('master_ip: 10.0.0.3');
    expect((await service.api(`/clusters/${pin}`, { method: 'DELETE' })).status).toBe(204);
    expect(await status(service, pin)).toBe(404);
  });

  it('expires at the same time', async () => {
    clock.advance(24 * HOUR - 1);
    expect(await status(service, pin)).toBe(200);
    clock.advance(1);
    expect(await status(service, pin)).toBe(404);
  });

  it('is lost when the old secret is removed, unlike newer clusters', async () => {
    const later = await service.issuePin();
    await service.stop();
    service = await start({ ...after, DATA_DIR: dataDir });
    expect([await status(service, pin), await status(service, later)]).toEqual([404, 200]);
  });
});

describe('While PIN_SECRET is changed on one replica after the other', () => {
  const steps: [string, NodeJS.ProcessEnv, NodeJS.ProcessEnv][] = [
    ['announced', before, announced],
    ['changed', announced, changed],
    ['forgotten', changed, after],
  ];
  const storage = new CleanUp();
  let stores: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const redis = storage.add(await RedisServer.start());
    const postgres = storage.add(await PostgresServer.start());
    stores = { REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  }, 60_000);
  afterAll(() => storage.run());

  it.each(steps)('each finds the clusters of the other: it is %s', async (_, env, nextEnv) => {
    const replicas = [await start({ ...stores, ...env }), await start({ ...stores, ...nextEnv })];
    for (const [one, other] of [replicas, replicas.toReversed()]) {
      const pin = await one!.issuePin();
      expect((await other!.addKey(pin, 'master_ip', '10.0.0.1')).status).toBe(201);
      expect(await one!.keyText(pin, 'master_ip')).toBe('master_ip: 10.0.0.1');
    }
  });
});
