import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { median } from '../../dev/load/statistics.js';
import { sendRaw } from '../support/raw-http.js';
import { type Service, startService } from '../support/service.js';

describe('A body', () => {
  let service: Service;
  let path: string;
  beforeAll(async () => {
    service = await startService();
    path = `/clusters/${await service.issuePin()}/keys`;
  });
  afterAll(() => service.stop());

  const post = (body: string, type = 'application/json') =>
    service.api(path, { method: 'POST', body, headers: { 'content-type': type } });

  it.each([
    ['objects', '{"a":'],
    ['lists', '['],
    ['both', '{"a":['],
    ['objects behind a text with brackets', '{"]}\\"}":'],
  ])('of 16 KiB that nests %s is refused at once, closed or not', async (_, opening) => {
    const deep = opening.repeat(Math.floor(16_000 / opening.length));
    const flat = `{"value":${deep}`.replaceAll(/[{[\]}]/g, ' '); // as long, and as wrong
    const deepTimes = [];
    const flatTimes = [];
    for (let n = 0; n < 20; n++) {
      const begun = performance.now();
      const { status, json } = await post(deep);
      const between = performance.now();
      expect([status, json]).toEqual([400, expect.objectContaining({ code: 'bad-request' })]);
      expect((await post(flat)).status).toBe(400);
      deepTimes.push(between - begun);
      flatTimes.push(performance.now() - between);
    }
    // Parsing the nested body took 24 ms where a flat one takes 1.
    expect(median(deepTimes)).toBeLessThan(3 * median(flatTimes));
    expect((await post(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`)).json).toMatchObject({
      detail: 'JSON parse error: it is nested too deeply',
    });
  });

  it('with brackets in a text is not nested', async () => {
    const item = { key: 'brackets', value: '[[[{{{"[[[\\' };
    expect((await post(JSON.stringify(item))).json).toEqual(item);
  });

  it('whose field holds an object says which', async () => {
    const { json } = await post('{"key":"a","value":{"b":1}}');
    expect(json).toMatchObject({ errors: { value: ['Not a valid string.'] } });
  });

  it('of JSON that is sent as a form says how to send it', async () => {
    const { status, json } = await post(
      '{"key":"a","value":"b"}',
      'application/x-www-form-urlencoded',
    );
    expect(status).toBe(400);
    expect(json).toMatchObject({
      detail: "This is JSON sent as a form: add -H 'Content-Type: application/json'.",
    });
  });

  it('that its client cuts off is no error of the service', async () => {
    const head = `POST /api/v1${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    for (const rest of [
      'Content-Length: 100\r\n\r\n{"key":',
      'Transfer-Encoding: chunked\r\n\r\n9\r\n{',
    ]) {
      for (const how of ['end', 'destroy', 'resetAndDestroy'] as const) {
        const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(head + rest);
        await delay(20);
        socket[how]();
      }
    }
    await delay(200);
    expect(service.output).not.toMatch(/ERROR|FATAL/);
  });

  it.each([undefined, 'text/plain', 'application/json', 'application/octet-stream'])(
    'that is empty may be of any type: %s',
    async (type) => {
      const answer = await service.api('/clusters', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await service.token()}`,
          ...(type !== undefined && { 'content-type': type }),
        },
      });
      expect(answer.status).toBe(201);
    },
  );

  it.each(['text/plain', 'application/json', 'application/x-www-form-urlencoded'])(
    'that is missing, with neither a length nor chunks, counts as an empty one of type %s',
    async (type) => {
      const head = [
        'POST /api/v1/clusters HTTP/1.1',
        'Host: x',
        'Connection: close',
        `Authorization: Bearer ${await service.token()}`,
        `Content-Type: ${type}`,
      ];
      const answer = await sendRaw(service.url, `${head.join('\r\n')}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 201 /);
    },
  );
});

describe('What is no request', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  it.each([
    ['headers that are too large', 431, 'headers-too-large', `X: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a header that is none', 400, 'bad-request', 'no header\r\n\r\n'],
    [
      'a chunk with too long an extension',
      413,
      'body-too-large',
      `Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\n`,
    ],
  ])('such as %s is answered %i with a problem document', async (_, status, code, rest) => {
    const answer = await sendRaw(
      service.url,
      `POST /api/v1/clusters HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${rest}`,
    );
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});
