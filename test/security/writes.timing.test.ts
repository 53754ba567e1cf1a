import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { percentile } from '../../dev/load/statistics.js';
import { CleanUp } from '../support/clean-up.js';
import { Client } from '../support/client.js';
import { Load } from '../support/load.js';
import { RedisServer } from '../support/redis.js';
import { type Service, startService } from '../support/service.js';

const WRITERS = 16;
const ALLOWED = 100;
const PER_SECONDS = 10;
/** The shortest pause of an image in the field. */
const FIELD_PAUSE_SECONDS = 25;
const TIMEOUT_MS = 60_000;

describe.each(['the embedded store', 'Redis'])('Writes under one PIN, on %s,', (storage) => {
  const cleanUp = new CleanUp();
  let service: Service;
  let client: Client;

  beforeAll(async () => {
    const redis = storage === 'Redis' ? cleanUp.add(await RedisServer.start()) : undefined;
    service = cleanUp.add(await startService(redis ? { REDIS_URL: redis.url } : {}));
    client = cleanUp.add(new Client(service.url, { keepAlive: true }));
  });
  afterAll(() => cleanUp.run());

  const keysOf = (pin: string) => `/api/v1/clusters/${pin}/keys`;
  const item = (key: string) => ({ key, value: 'x' });

  it(
    'without end are refused, while other clusters are written and polled as before',
    async () => {
      const [greedy, other] = [keysOf(await service.issuePin()), keysOf(await service.issuePin())];
      let accepted = 0;
      const load = new Load(WRITERS, async (n) => {
        const posted = await client.request('POST', greedy, item(`k${n}`));
        const removed = await client.request('DELETE', `${greedy}/k${n}`);
        for (const { status = 0 } of [posted, removed]) if (status < 300) accepted++;
        return [posted, removed];
      });
      const begun = performance.now();
      const polls: number[] = [];
      while (performance.now() - begun < 5_000) {
        polls.push((await client.get(`${other}/master_ready`)).ms);
        await delay(10);
      }
      expect((await client.request('POST', other, item('master_ready'))).status).toBe(201);
      const outcomes = (await load.stop()).flat();

      expect(accepted).toBeGreaterThan(0);
      expect(accepted).toBeLessThanOrEqual(ALLOWED);
      const refused = outcomes.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(ALLOWED);
      for (const { retryAfter } of refused) {
        expect(Number(retryAfter)).toBeGreaterThan(0);
        expect(Number(retryAfter)).toBeLessThanOrEqual(PER_SECONDS);
        expect(Number(retryAfter)).toBeLessThan(FIELD_PAUSE_SECONDS);
      }
      expect(percentile(polls, 99)).toBeLessThan(250);
    },
    TIMEOUT_MS,
  );

  it('past the limit get 429 as JSON or as empty text, whatever the method', async () => {
    const keys = keysOf(await service.issuePin());
    for (let n = 0; n < ALLOWED; n++) await client.request('DELETE', `${keys}/k`);
    const json = { accept: 'application/json' };
    const answers = [
      await client.request('POST', keys, item('k')),
      await client.request('PUT', `${keys}/k`, item('k'), json),
      await client.request('PATCH', `${keys}/k`, { value: 'y' }, json),
    ];
    for (const { status, body } of answers) {
      expect([status, JSON.parse(body)]).toEqual([
        429,
        expect.objectContaining({ code: 'too-many-requests', status: 429 }),
      ]);
    }
    const asText = await client.request('DELETE', `${keys}/k`);
    expect([asText.status, asText.body]).toEqual([429, '']);
    expect(Number(asText.retryAfter)).toBeGreaterThan(0);
    expect((await client.get(keys)).status).toBe(200); // reading is not writing
  });

  it('fill a whole cluster in one go, with a retry of some', async () => {
    const keys = keysOf(await service.issuePin());
    for (let n = 0; n < 64; n++) {
      expect((await client.request('POST', keys, item(`k${n}`))).status).toBe(201);
    }
    for (let n = 0; n < 32; n++) {
      expect((await client.request('POST', keys, item(`k${n}`))).status).toBe(201);
    }
  });
});
