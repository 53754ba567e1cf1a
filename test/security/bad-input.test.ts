import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fuzz } from '../../dev/load/fuzz.js';
import { memoryOf } from '../../dev/load/memory.js';
import { CleanUp } from '../support/clean-up.js';
import { type HostedService, hostService } from '../support/hosted-service.js';
import { secrets } from '../support/secrets.js';
import { startService } from '../support/service.js';

const REQUESTS = 50_000;
const WARM_UP = 5_000;
/** Less than a kilobyte a request; more than what a heap breathes. */
const FLAT_MIB = 40;
const TIMEOUT_MS = 600_000;

describe('Bad input', () => {
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  // `script/bench fuzz` is the long form.
  it(
    `of ${REQUESTS} kinds gets no server error, no undocumented answer, no hang, and no memory`,
    async () => {
      const env = {
        TRUSTED_PROXIES: '1',
        // A small heap keeps no garbage for later, so that growth is a leak.
        NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=2',
      };
      const service = cleanUp.add(await startService(env));
      const seed = Date.now() % 1_000_000_000;
      process.stdout.write(`Bad input is made with seed ${seed}\n`);
      const onPin = (pin: string) => secrets.secret('a PIN', pin);
      const fuzzed = { url: service.url, token: await service.token(), onPin };

      const failures = await fuzz(fuzzed, seed, WARM_UP);
      const warm = await memoryOf(service.program.pid);
      failures.push(...(await fuzz(fuzzed, seed + WARM_UP, REQUESTS - WARM_UP)));
      const late = await memoryOf(service.program.pid);

      expect(failures).toEqual([]);
      expect(late - warm).toBeLessThan(FLAT_MIB);
      expect(service.output).not.toMatch(/ERROR|FATAL/);
    },
    TIMEOUT_MS,
  );

  describe('that was once answered differently than documented', () => {
    let service: HostedService;
    beforeAll(async () => {
      service = cleanUp.add(await hostService());
    });

    it.each([
      ['a type that nobody reads', 'text/plain', 'x', 415],
      ['JSON that is none', 'application/json', '{', 400],
      ['more than may be read', 'application/json', `"${'x'.repeat(17_000)}"`, 413],
    ])('a DELETE with a body: %s', async (_, type, body, status) => {
      const path = '/api/v1/clusters/{pin}/keys/{key}';
      const description = (await (await fetch(`${service.url}/api/docs-json`)).json()) as {
        paths: Record<string, { delete: { responses: object } }>;
      };
      const answer = await service.api('/clusters/abcdefghijkl/keys/a', {
        method: 'DELETE',
        headers: { 'content-type': type },
        body,
      });
      expect(answer.status).toBe(status);
      expect(description.paths[path]!.delete.responses).toHaveProperty(String(status));
    });
  });
});
