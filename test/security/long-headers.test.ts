import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendRaw } from '../support/raw-http.js';
import { type Service, startService } from '../support/service.js';

/** About as much as Node accepts together with the rest of the request. */
const HEADER_BYTES = 15_000;
const TRIES = 5;
const MAX_MS = 20;

describe('A long header takes no time that grows with its square:', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ LOG_LEVEL: 'info', TRUSTED_PROXIES: '127.0.0.1' });
  });
  afterAll(() => service.stop());

  // Quotes that open and do not close, escapes outside of quotes, and lists of nothing.
  const pieces = [',a;\\"', ',a;a\\"', ',a="\\', ',a;"', 'a/b;"', ',', ';', '"', ' ', '1,'];

  it.each(
    ['Prefer', 'Accept', 'Accept-Encoding', 'X-Forwarded-For', 'Cookie'].flatMap((name) =>
      pieces.map((piece): [string, string] => [name, piece]),
    ),
  )('%s of many %j', async (name, piece) => {
    const value = `x${piece.repeat(Math.floor(HEADER_BYTES / piece.length))}x`;
    const path =
      name === 'Accept-Encoding' ? '/api/docs/swagger-ui.css' : '/api/v1/clusters/x/keys/y';
    const times: number[] = [];
    for (let n = 0; n < TRIES; n++) {
      const begun = performance.now();
      await sendRaw(
        service.url,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${name}: ${value}\r\n\r\n`,
      );
      times.push(performance.now() - begun);
    }
    expect(Math.min(...times)).toBeLessThan(MAX_MS); // other load can only add to it
  });
});
