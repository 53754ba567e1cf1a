import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendRaw } from '../support/raw-http.js';
import { type Service, startService } from '../support/service.js';

describe('Headers', () => {
  let plain: Service;
  let configured: Service;
  beforeAll(async () => {
    plain = await startService();
    configured = await startService({
      HSTS_SECONDS: '31536000',
      CORS_ORIGINS: 'https://portal.example.org, https://other.example.org',
    });
  });
  afterAll(async () => {
    await plain.stop();
    await configured.stop();
  });

  const get = (service: Service, path: string, init: RequestInit = {}) =>
    fetch(service.url + path, init);

  it.each([
    '/api/v1/clusters/abcdefghijkl',
    '/api/v1/clusters/abcdefghijkl/keys/a',
    '/api/docs',
    '/x',
  ])('of %s forbid type sniffing, framing and referrers', async (path) => {
    const { headers } = await get(plain, path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });

  it('allow only our own scripts, and none inline, also in Swagger UI', async () => {
    const { headers } = await get(plain, '/api/docs');
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).toMatch(/connect-src 'self'(;|$)/);
  });

  it('forbid caching of responses about a cluster', async () => {
    const { headers } = await get(plain, '/api/v1/clusters/abcdefghijkl');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    '/%61pi/v1/clusters/abcdefghijkl',
    '/api/v1/cluster%73/abcdefghijkl',
    '/api//v1/clusters/abcdefghijkl/',
    '//api/v1/clusters/abcdefghijkl/keys/a',
    '{origin}/api/v1/clusters/abcdefghijkl',
    'http://other.example/api/v1/clusters/abcdefghijkl/keys/a',
    '/api/v1/clusters/abcdefghijkl/%zz',
    '/api/v1/clusters/abcdefghijkl/keys/a/%2e%2e',
  ])('follow the route and not the spelling: %s', async (spelling) => {
    const target = spelling.replace('{origin}', plain.url);
    const answer = await sendRaw(
      plain.url,
      `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(answer).toMatch(/^cache-control: no-store\r$/m);
    expect(answer).toMatch(/^x-content-type-options: nosniff\r$/m);
    expect(answer).toMatch(/^referrer-policy: no-referrer\r$/m);
    expect(answer).toMatch(
      /^content-security-policy: default-src 'none'; frame-ancestors 'none'\r$/m,
    );
  });

  it.each(['/%61pi/docs', '//api/docs/', '{origin}/api/docs'])(
    'let Swagger UI have its styles also as %s',
    async (spelling) => {
      const answer = await sendRaw(
        plain.url,
        `HEAD ${spelling.replace('{origin}', plain.url)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 200 /);
      expect(answer).toMatch(/^Content-Security-Policy: .*style-src 'self' 'unsafe-inline'/m);
    },
  );

  it('require https if HSTS_SECONDS is set', async () => {
    const of = async (service: Service, path: string) =>
      (await get(service, path)).headers.get('strict-transport-security');
    for (const path of ['/api/docs', '/api/v1/clusters/abcdefghijkl']) {
      expect(await of(plain, path)).toBeNull();
      expect(await of(configured, path)).toBe('max-age=31536000');
    }
  });

  describe('for pages of other origins', () => {
    const preflight = (service: Service, origin: string) =>
      get(service, '/api/v1/clusters', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });

    it('allow none by default', async () => {
      const { headers } = await preflight(plain, 'https://portal.example.org');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    });

    it('allow only the configured origins', async () => {
      const allowed = await preflight(configured, 'https://portal.example.org');
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://portal.example.org');
      expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
      const other = await preflight(configured, 'https://evil.example.org');
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
    });
  });
});
