import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { type Service, startService } from '../support/service.js';

/** Texts that can deceive a reader or break a terminal or a database. */
const unsafe = [
  ['NUL', 'a\0b'],
  ['a line feed', 'a\nb'],
  ['a carriage return', 'a\rb'],
  ['an escape sequence', 'a\u001b[2Jb'],
  ['DEL', 'a\u007fb'],
  ['a C1 control', 'a\u0085b'],
  ['a line separator', 'a\u2028b'],
  ['a right-to-left override', 'a\u202eb'],
  ['a direction isolate', 'a\u2066b'],
  ['half a character', 'a\ud800b'],
  ['the other half', '\udc00'],
] as const;

const json = (fields: object) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(fields),
});
const form = (fields: Record<string, string>) => ({
  form: new URLSearchParams(fields).toString(),
});

describe.each([
  ['PostgreSQL and Redis', true],
  ['the embedded database', false],
])('With %s', (_, isShared) => {
  const cleanUp = new CleanUp();
  let service: Service;
  let token: string;
  let pin: string;
  beforeAll(async () => {
    const env = isShared
      ? {
          REDIS_URL: cleanUp.add(await RedisServer.start()).url,
          DATABASE_URL: cleanUp.add(await PostgresServer.start()).url,
        }
      : {};
    service = cleanUp.add(await startService({ ...env, ADMIN_ROLE: 'admin' }));
    token = await service.token('mcurie', 'admin');
    pin = await service.issuePin();
    await service.addKey(pin, 'mine', 'x');
  });
  afterAll(() => cleanUp.run());

  const signedIn = () => ({ authorization: `Bearer ${token}` });
  const write = (method: string, path: string, request: object): Promise<Answer> =>
    service.api(`/clusters/${pin}/keys${path}`, { method, ...request });
  const issue = ({ headers, ...request }: { headers?: object } & object) =>
    service.api('/clusters', {
      method: 'POST',
      headers: { ...signedIn(), ...headers },
      ...request,
    });
  /** Each way in for a text, and the field it is in. */
  const doors: [string, string, (text: string) => Promise<Answer>][] = [
    ['POST /clusters as JSON', 'description', (text) => issue(json({ description: text }))],
    ['POST /clusters as a form', 'description', (text) => issue(form({ description: text }))],
    ['POST …/keys as JSON', 'value', (text) => write('POST', '', json({ key: 'a', value: text }))],
    [
      'POST …/keys as a form',
      'value',
      (text) => write('POST', '', form({ key: 'a', value: text })),
    ],
    ['POST …/keys as JSON', 'key', (text) => write('POST', '', json({ key: text, value: 'a' }))],
    [
      'PUT …/keys/<key>',
      'value',
      (text) => write('PUT', '/mine', { ...json({ key: 'mine', value: text }) }),
    ],
    ['PATCH …/keys/<key>', 'value', (text) => write('PATCH', '/mine', json({ value: text }))],
    ['PATCH …/keys/<key>', 'key', (text) => write('PATCH', '/mine', json({ key: text }))],
    [
      'GET /issuances',
      'owner',
      (text) =>
        service.api(`/issuances?owner=${encodeURIComponent(text.toWellFormed())}`, {
          headers: signedIn(),
        }),
    ],
  ];
  const cases = doors.flatMap(([door, field, send]) =>
    unsafe
      // A form and a URL are UTF-8, where half a character is the replacement character.
      .filter(
        ([, text]) => text.isWellFormed() || door.endsWith('JSON') || door.startsWith('PATCH'),
      )
      .map(([name, text]) => [door, field, name, text, send] as const),
  );

  it.each(cases)('%s refuses a %s with %s', async (_door, _field, _name, text, send) => {
    expect((await send(text)).status).toBe(400);
  });

  it.each(unsafe)('the page refuses a description with %s and says so', async (_name, text) => {
    const answer = await fetch(`${service.url}/`, {
      method: 'POST',
      redirect: 'manual',
      headers: signedIn(),
      ...(text.isWellFormed()
        ? { body: new URLSearchParams({ description: text }) }
        : {
            headers: { ...signedIn(), 'content-type': 'application/json' },
            body: JSON.stringify({ description: text }),
          }),
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/?problem=invalid-body',
    ]);
  });

  it.each([
    ['too long', 'x'.repeat(201)],
    ['a field more', 'x&other=1'],
  ])('the page obeys the rules of the API: %s', async (_name, description) => {
    const answer = await fetch(`${service.url}/`, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...signedIn(), 'content-type': 'application/x-www-form-urlencoded' },
      body: `description=${description}`,
    });
    expect(answer.headers.get('location')).toBe('/?problem=invalid-body');
  });

  it.each(['', '   '])(
    'the page issues a PIN without a description for "%s"',
    async (description) => {
      const answer = await fetch(`${service.url}/`, {
        method: 'POST',
        headers: signedIn(),
        body: new URLSearchParams({ description }),
      });
      expect(answer.status).toBe(201);
    },
  );

  it.each(unsafe)('an issuance whose id has %s does not exist', async (_name, text) => {
    const id = encodeURIComponent(`${text.toWellFormed()}${'x'.repeat(20)}`);
    const { status } = await service.api(`/issuances/${id}`, {
      method: 'DELETE',
      headers: signedIn(),
    });
    expect(status).toBe(404);
  });

  it('counts characters and not their halves', async () => {
    expect((await issue(json({ description: '🜁'.repeat(200) }))).status).toBe(201);
    expect((await issue(json({ description: '🜁'.repeat(201) }))).status).toBe(400);
    expect((await write('POST', '', json({ key: 'a', value: '🜁'.repeat(1000) }))).status).toBe(201);
  });

  it('takes texts of any language', async () => {
    for (const description of ['Análisis', 'анализ', 'ניתוח', '分析', 'é'.normalize('NFD')]) {
      expect((await issue(json({ description }))).status).toBe(201);
    }
  });

  it('and none of it is an error of the service', () => {
    expect(service.output).not.toMatch(/ERROR|FATAL/);
  });
});
