import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KeysService } from '../../src/keys/keys.service.js';
import { PrometheusMetrics } from '../../src/metrics/prometheus-metrics.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { Scrape } from '../support/metrics.js';
import { RedisServer } from '../support/redis.js';

const ADDRESS = '127.0.0.1';

describe.each(['SQLite', 'Redis'])('Those who look a key up together, on %s,', (storage) => {
  const cleanUp = new CleanUp();
  let service: InProcessService;
  let keys: KeysService;
  let pin: string;

  beforeAll(async () => {
    const redis = storage === 'Redis' && cleanUp.add(await RedisServer.start());
    const env = redis ? { REDIS_URL: redis.url } : {};
    service = cleanUp.add(await InProcessService.start(new MovableClock(Date.now()), env));
    keys = service.app.get(KeysService, { strict: false });
  });
  afterAll(() => cleanUp.run());
  beforeEach(async () => {
    pin = await service.issuePin();
  });

  const add = (key: string) => keys.add(pin, { key, value: 'x' }, ADDRESS);
  const looks = async () =>
    Scrape.parse(await service.app.get(PrometheusMetrics).text()).value(
      'pairing_storage_operation_duration_seconds_count',
      { operation: 'key' },
    ) ?? 0;

  it('cost the store one look, for each key', async () => {
    await add('master_ip');
    const before = await looks();
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, n) => keys.lookUp(pin, n % 2 ? 'master_ip' : 'master_ready')),
    );
    expect(found.filter(({ key }) => key?.value === 'x')).toHaveLength(50);
    expect((await looks()) - before).toBe(2);
  });

  it('do not answer for those who come after them', async () => {
    await keys.lookUp(pin, 'a');
    await new Promise(setImmediate);
    const before = await looks();
    await keys.lookUp(pin, 'a');
    expect((await looks()) - before).toBe(1);
  });

  it('do not answer for those who come after a change, were it in the same moment', async () => {
    const early = keys.lookUp(pin, 'a');
    await add('a');
    expect((await keys.lookUp(pin, 'a')).key?.value).toBe('x');
    expect(await early).toBeDefined();
    await keys.remove(pin, 'a');
    expect((await keys.lookUp(pin, 'a')).key).toBeUndefined();
  });

  it('are all refused when there is no such cluster', async () => {
    const asking = Array.from({ length: 3 }, () => keys.lookUp('abcdefghijkl', 'a'));
    const refusal = { status: 'rejected', reason: { code: 'not-found' } };
    expect(await Promise.allSettled(asking)).toMatchObject([refusal, refusal, refusal]);
  });
});
