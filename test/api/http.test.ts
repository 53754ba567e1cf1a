import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, asJson, problem } from '../support/api.js';
import { sendRaw } from '../support/raw-http.js';
import { type Service, startService } from '../support/service.js';

describe('Every route', () => {
  let service: Service;
  let api: Api;
  let pin: string;

  beforeAll(async () => {
    service = await startService();
    api = service.api;
    pin = await service.issuePin();
    await service.addKey(pin, 'master_ip', '10.10.25.5');
  });
  afterAll(() => service.stop());

  /** The routes, with the methods they answer. */
  const routes: [string, string][] = [
    ['/clusters', 'POST, OPTIONS'],
    ['/clusters/<pin>', 'GET, HEAD, DELETE, OPTIONS'],
    ['/clusters/<pin>/keys', 'GET, HEAD, POST, OPTIONS'],
    ['/clusters/<pin>/keys/<key>', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
  ];
  const real = (route: string) => route.replace('<pin>', pin).replace('<key>', 'master_ip');
  const sorted = (methods: string | null) => methods?.split(', ').toSorted();

  describe.each(routes)('%s', (route, allow) => {
    it('answers OPTIONS with the allowed methods', async () => {
      const { status, headers, text } = await api(real(route), { method: 'OPTIONS' });
      expect([status, text]).toEqual([204, '']);
      expect(sorted(headers.get('allow'))).toEqual(sorted(allow));
    });

    const wrong = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((each) => !allow.includes(each));
    it.each(wrong)(
      'answers %s with 405 and the allowed methods, whatever the body',
      async (method) => {
        const { status, headers, json } = await api(real(route), {
          method,
          headers: { 'content-type': 'image/png', ...asJson.headers },
          ...(method !== 'GET' && { body: 'x' }),
        });
        expect(status).toBe(405);
        expect(sorted(headers.get('allow'))).toEqual(sorted(allow));
        expect(json).toEqual(problem(405, 'method-not-allowed'));
      },
    );

    it('forbids caching of every response', async () => {
      for (const method of ['GET', 'DELETE', 'OPTIONS', 'PUT']) {
        const { headers } = await api(real(route).replace(pin, 'abcdefghijkl'), { method });
        expect(headers.get('cache-control')).toBe('no-store');
      }
    });
  });

  it.each(routes.slice(1))('%s answers HEAD as GET, without the body', async (route) => {
    const get = await api(real(route));
    const head = await api(real(route), { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['content-type', 'content-length', 'cache-control', 'vary']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
  });

  it.each(routes.slice(1))('%s answers the same with a slash at the end', async (route) => {
    const [plain, slashed] = [await api(real(route)), await api(`${real(route)}/`)];
    expect([slashed.status, slashed.text]).toEqual([200, plain.text]);
  });

  it('POST …/keys/ works with a slash at the end', async () => {
    const json = { key: 'slashed', value: 'x' };
    expect((await api(`/clusters/${pin}/keys/`, { method: 'POST', json })).status).toBe(201);
  });

  it('answers text to a client that sends no Accept at all, over HTTP/1.0', async () => {
    const answer = await sendRaw(
      service.url,
      `GET /api/v1/clusters/${pin}/keys/master_ip HTTP/1.0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\n\r\nmaster_ip: 10\.10\.25\.5$/);
  });

  it.each([
    ['no type', undefined],
    ['text', 'text/plain'],
    ['XML', 'application/xml'],
    ['a multipart form', 'multipart/form-data; boundary=x'],
    ['a malformed type', 'nonsense'],
  ])('answers 415 to a body of %s', async (_, type) => {
    const body = '{"key":"a","value":"b"}';
    const answer = await sendRaw(
      service.url,
      [
        `POST /api/v1/clusters/${pin}/keys HTTP/1.1`,
        'Host: localhost',
        'Connection: close',
        ...(type ? [`Content-Type: ${type}`] : []),
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
    expect(answer).toContain('"code":"unsupported-media-type"');
  });

  it('accepts a body of 16 KiB and answers 413 to a byte more', async () => {
    const send = (size: number) =>
      api(`/clusters/${pin}/keys`, {
        method: 'POST',
        body: '{"key":"large","value":"x"}'.padEnd(size),
        headers: { 'content-type': 'application/json' },
      });
    expect((await send(16 * 1024)).status).toBe(201);
    const { status, json } = await send(16 * 1024 + 1);
    expect(status).toBe(413);
    expect(json).toEqual(problem(413, 'body-too-large'));
  });

  it.each(['/api', '/api/v1', '/api/v1/cluster', '/api/v1/clusters/x/y/z'])(
    'answers 404 for %s, which is nothing',
    async (path) => {
      const response = await fetch(service.url + path, { redirect: 'manual' });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual(problem(404, 'not-found'));
    },
  );

  it('answers the liveness and readiness probes', async () => {
    const [live, ready] = await Promise.all(
      ['live', 'ready'].map((probe) => fetch(`${service.url}/health/${probe}`)),
    );
    expect([live?.status, await live?.json()]).toEqual([200, { status: 'up' }]);
    expect([ready?.status, await ready?.json()]).toMatchObject([
      200,
      { status: 'up', storage: 'up' },
    ]);
  });
});
