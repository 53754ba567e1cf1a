import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Service, startService } from '../support/service.js';

const files = [
  ['/api/docs', 'text/html; charset=utf-8'],
  ['/api/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['/api/docs/swagger-ui.css', 'text/css; charset=utf-8'],
  ['/api/docs/favicon-32x32.png', 'image/png'],
  ['/api/docs-json', 'application/json; charset=utf-8'],
  ['/api/docs-yaml', 'text/yaml; charset=utf-8'],
] as const;

const decode = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body: Buffer) => body };

describe('The file', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  /** An answer as it is on the wire: `fetch` would decode it. */
  async function get(path: string, headers: Record<string, string> = {}) {
    const { promise, resolve, reject } =
      Promise.withResolvers<import('node:http').IncomingMessage>();
    request(service.url + path, { headers })
      .once('response', resolve)
      .once('error', reject)
      .end();
    const answer = await promise;
    const encoding = (answer.headers['content-encoding'] ?? 'identity') as keyof typeof decode;
    return {
      status: answer.statusCode,
      headers: answer.headers,
      encoding,
      body: await buffer(answer),
    };
  }

  it.each(files)('%s is %s, compressed as the client likes', async (path, type) => {
    const plain = await get(path);
    expect(plain.headers).toMatchObject({ 'content-type': type, vary: 'accept-encoding' });
    expect(plain.encoding).toBe('identity');
    for (const [accepted, encoding] of [
      ['br, gzip', 'br'],
      ['gzip, deflate', 'gzip'],
      ['gzip;q=0, identity', 'identity'],
      ['*;q=0', 'identity'],
    ] as const) {
      const answer = await get(path, { 'accept-encoding': accepted });
      expect(answer.encoding).toBe(encoding);
      expect(decode[encoding](answer.body).equals(plain.body)).toBe(true);
    }
  });

  it.each(files.map(([path]) => path))('%s is not sent again to who has it', async (path) => {
    for (const encoding of ['br', 'gzip', 'identity']) {
      const { headers } = await get(path, { 'accept-encoding': encoding });
      expect(headers['cache-control']).toBe('no-cache');
      const again = await get(path, {
        'accept-encoding': encoding,
        'if-none-match': `"other", ${headers.etag}`,
      });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      const other = await get(path, { 'accept-encoding': encoding, 'if-none-match': '"other"' });
      expect(other.status).toBe(200);
    }
  });

  it('of the page has a name that changes with its content, and is kept for ever; the page is never kept', async () => {
    const page = await get('/');
    expect(page.headers['cache-control']).toBe('no-store');
    const paths = String(page.body).match(/\/assets\/[\w.-]+/g) ?? [];
    const types = [
      'image/svg+xml',
      'text/css; charset=utf-8',
      'text/javascript; charset=utf-8',
      'text/plain; charset=utf-8',
    ];
    expect([...new Set(paths)]).toHaveLength(types.length);
    for (const path of paths) {
      expect(path).toMatch(/^\/assets\/\w+-[A-Z0-9]{8}\.(js|css|svg|txt)$/);
      const { headers, encoding } = await get(path, { 'accept-encoding': 'br' });
      expect(types).toContain(headers['content-type']);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(encoding).toBe('br');
    }
  });

  it.each([
    '/assets/app-AAAAAAAA.js',
    '/assets/..%2f..%2fmain.js',
    '/api/docs/..',
    '/api/docs/%00',
    `/api/docs/${'x'.repeat(300)}`,
    '/api/docs/../package.json',
  ])('%s does not exist', async (path) => {
    expect((await get(path)).status).toBe(404);
    expect(service.output).not.toMatch(/ERROR/);
  });
});
