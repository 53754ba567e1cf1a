import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_REQUEST_LINES } from '../../src/logging/request-log.js';
import { MAX_PAGE_LINES } from '../../src/http/to-page.filter.js';
import { until } from '../support/process.js';
import { sendRaw } from '../support/raw-http.js';
import { type Service, startService } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

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
    const count = (pattern: RegExp) => service.output.match(pattern)?.length ?? 0;
    await until('the next second', async () => {
      await service.api('/clusters', { method: 'POST' });
      return count(/requests that were not logged/g) > 0;
    });
    expect(count(/INFO: request\b/g)).toBeLessThanOrEqual(seconds * MAX_REQUEST_LINES + 100);
    expect(count(/INFO: request\b/g)).toBeLessThan(requests);
  });

  const request = (line: string, headers: string) =>
    `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`;
  const foreignCookies = Array.from({ length: 8 }, (_, n) => `sign-in-\u00e9${n}-aaaaaaaaaaaa=1`);

  it.each<[string, () => Promise<string>]>([
    [
      'an empty bearer token at the page',
      () => Promise.resolve(request('POST /', 'Authorization: Bearer\r\n')),
    ],
    [
      'cookies whose names are not ours',
      () => Promise.resolve(request('GET /sign-in', `Cookie: ${foreignCookies.join('; ')}\r\n`)),
    ],
    [
      'a way back from the sign-in with a cookie whose name is not ours',
      () =>
        Promise.resolve(
          request(
            'GET /sign-in/callback?error=x&state=aaaaaaaaaaaa',
            `Cookie: ${foreignCookies[0]}\r\n`,
          ),
        ),
    ],
    [
      'a repeated way back from the sign-in',
      async () => {
        const client = new CookieClient();
        const state = (await client.authorizationOf(service.url)).searchParams.get('state');
        const cookies = [...client.cookies(service.url)].map(([name, value]) => `${name}=${value}`);
        return request(
          `GET /sign-in/callback?error=access_denied&error_description=x&state=${state}`,
          `Cookie: ${cookies.join('; ')}\r\n`,
        );
      },
    ],
  ])(`of %s writes at most ${MAX_PAGE_LINES} lines a second and no error`, async (_, make) => {
    const requests = 600;
    const bytes = await make();
    const before = service.output.length;
    const begun = performance.now();
    const lane = async () => {
      for (let n = 0; n < requests / 20; n++) await sendRaw(service.url, bytes);
    };
    await Promise.all(Array.from({ length: 20 }, lane));
    const seconds = Math.ceil((performance.now() - begun) / 1000) + 1;
    const output = service.output.slice(before);
    expect(output.match(/ERROR|^ +at /gm)).toBeNull();
    const warnings = output.match(/WARN/g)?.length ?? 0;
    expect(warnings).toBeLessThanOrEqual(seconds * (MAX_PAGE_LINES + 1));
  });
});
