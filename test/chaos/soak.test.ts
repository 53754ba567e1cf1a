import { afterAll, describe, expect, it } from '@jest/globals';
import { median } from '../../dev/load/statistics.js';
import { soak } from '../../dev/load/soak.js';
import { CleanUp } from '../support/clean-up.js';
import { RedisServer } from '../support/redis.js';
import { startService } from '../support/service.js';

const SECONDS = 12;
/** Less than what a leak of a kilobyte a request would take; more than what a heap breathes. */
const FLAT_MIB = 8;

describe('Under mixed traffic', () => {
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  // `script/bench soak` is the long form.
  it('memory stays flat', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const service = cleanUp.add(
      await startService({
        REDIS_URL: redis.url,
        LOG_LEVEL: 'warn',
        // A small heap keeps no garbage for later, so that growth is a leak.
        NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=2',
      }),
    );
    const { url, program } = service;
    const memory: number[] = [];
    const soaked = { url, pid: program.pid, token: await service.token() };
    for await (const { memoryMiB } of soak(soaked, SECONDS)) memory.push(memoryMiB);

    const quarter = Math.floor(memory.length / 4);
    const warm = median(memory.slice(quarter, 2 * quarter));
    const late = median(memory.slice(-quarter));
    expect(late - warm).toBeLessThan(FLAT_MIB);
  });
});
