import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_REQUEST_LINES } from '../../src/logging/request-log.js';
import { until } from '../support/process.js';
import { sendRaw } from '../support/raw-http.js';
import { type Service, startService } from '../support/service.js';

describe('A flood of requests', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ LOG_LEVEL: 'info' });
  });
  afterAll(() => service.stop());

  it(`writes at most ${MAX_REQUEST_LINES} lines a second, and says how many it left out`, async () => {
    const requests = 2_000;
    const lane = async () => {
      for (let n = 0; n < requests / 20; n++) {
        await sendRaw(
          service.url,
          'POST /api/v1/clusters HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
        );
      }
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: 20 }, lane));
    const seconds = Math.ceil((performance.now() - begun) / 1000) + 1;
    const count = (pattern: RegExp) => service.program.output.match(pattern)?.length ?? 0;
    await until('the next second', async () => {
      await service.api('/clusters', { method: 'POST' });
      return count(/requests that were not logged/g) > 0;
    });
    expect(count(/INFO: request\b/g)).toBeLessThanOrEqual(seconds * MAX_REQUEST_LINES + 100);
    expect(count(/INFO: request\b/g)).toBeLessThan(requests);
  });
});
