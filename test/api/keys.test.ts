import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, asJson, problem } from '../support/api.js';
import { type Service, startService } from '../support/service.js';

describe('/clusters/<pin>/keys', () => {
  let service: Service;
  let api: Api;

  beforeAll(async () => {
    // One trusted proxy, so that requests can come from other machines by X-Forwarded-For.
    service = await startService({ TRUSTED_PROXIES: '1' });
    api = service.api;
  });
  afterAll(() => service.stop());

  const UNKNOWN_PIN = 'abcdefghijkl';
  const master = { key: 'master_ip', value: '10.10.25.5' };

  async function cluster(...keys: { key: string; value: string }[]): Promise<string> {
    const pin = await service.issuePin();
    for (const key of keys) await add(pin, key);
    return pin;
  }
  const add = (pin: string, json: unknown, from?: string) =>
    api(`/clusters/${pin}/keys`, {
      method: 'POST',
      json,
      headers: from ? { 'x-forwarded-for': from } : {},
    });

  describe('POST', () => {
    it('adds a key sent as JSON', async () => {
      const { status, headers, json } = await add(await cluster(), master);
      expect([status, json]).toEqual([201, master]);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.has('idempotent-replayed')).toBe(false);
    });

    it('adds a key sent as a form', async () => {
      const pin = await cluster();
      const { status, json } = await api(`/clusters/${pin}/keys`, { method: 'POST', form: master });
      expect([status, json]).toEqual([201, master]);
    });

    it('answers JSON whatever the client accepts', async () => {
      const { status, json } = await api(`/clusters/${await cluster()}/keys`, {
        method: 'POST',
        json: master,
        headers: { accept: 'text/plain' },
      });
      expect([status, json]).toEqual([201, master]);
    });

    it('stores a value unchanged', async () => {
      const value = '  café "quoted" \\ & / % + 😀 ';
      const pin = await cluster();
      await add(pin, { key: 'note', value });
      expect((await api(`/clusters/${pin}/keys/note`, asJson)).json).toEqual({
        key: 'note',
        value,
      });
      expect((await api(`/clusters/${pin}/keys/note`)).text).toBe(`note: ${value}`);
    });

    it('accepts a key of 100 characters and a value of 1000', async () => {
      const { status } = await add(await cluster(), {
        key: 'k'.repeat(100),
        value: 'v'.repeat(1000),
      });
      expect(status).toBe(201);
    });

    it('answers 404 for an unknown PIN', async () => {
      const { status, json } = await add(UNKNOWN_PIN, master);
      expect(status).toBe(404);
      expect(json).toEqual(problem(404, 'not-found'));
    });

    it('answers 409 when the key has another value, and keeps the first', async () => {
      const pin = await cluster(master);
      const { status, json } = await add(pin, { ...master, value: '10.10.25.6' });
      expect(status).toBe(409);
      expect(json).toEqual(problem(409, 'key-exists'));
      expect((await api(`/clusters/${pin}/keys`)).json).toEqual([master]);
    });

    it('answers 409 cluster-full to the 65th key', async () => {
      const pin = await cluster();
      for (let n = 0; n < 64; n++) await add(pin, { key: `key${n}`, value: 'x' });
      const { status, json } = await add(pin, master);
      expect(status).toBe(409);
      expect(json).toEqual(problem(409, 'cluster-full'));
    });

    it('accepts one of many masters that post at the same time', async () => {
      const pin = await cluster();
      const masters = Array.from({ length: 20 }, (_, n) =>
        add(pin, { key: 'master_ip', value: `10.0.0.${n}` }, `192.0.2.${n}`),
      );
      const statuses = (await Promise.all(masters)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(19);
    });

    describe('of the same key and value a second time', () => {
      it('is answered 201 to the same client, marked as replayed', async () => {
        const pin = await cluster();
        await add(pin, master, '192.0.2.1');
        const { status, headers, json } = await add(pin, master, '192.0.2.1');
        expect([status, json]).toEqual([201, master]);
        expect(headers.get('idempotent-replayed')).toBe('true');
        expect((await api(`/clusters/${pin}/keys`)).json).toEqual([master]);
      });

      it('is answered 409 to another client', async () => {
        const pin = await cluster();
        await add(pin, master, '192.0.2.1');
        expect((await add(pin, master, '192.0.2.2')).status).toBe(409);
      });

      it('is counted as a second master from another client, but not from the same', async () => {
        const pin = await cluster();
        await add(pin, master, '192.0.2.1');
        await add(pin, master, '192.0.2.1');
        await add(pin, { key: 'other', value: 'x' }, '192.0.2.1');
        await add(pin, { key: 'other', value: 'y' }, '192.0.2.2');
        expect((await api(`/clusters/${pin}`)).json).toMatchObject({ second_masters: 0 });
        await add(pin, master, '192.0.2.2');
        await add(pin, { ...master, value: '10.0.0.9' }, '192.0.2.1');
        expect((await api(`/clusters/${pin}`)).json).toMatchObject({ second_masters: 2 });
      });
    });

    describe('of an invalid body', () => {
      const required = 'This field is required.';
      it.each<[string, unknown, Record<string, string[]>]>([
        ['without a field', {}, { key: [required], value: [required] }],
        ['without a value', { key: 'a' }, { value: [required] }],
        [
          'with a blank value',
          { key: 'a', value: ' ' },
          { value: ['This field may not be blank.'] },
        ],
        ['with a blank key', { key: '', value: 'b' }, { key: ['This field may not be blank.'] }],
        ['with a number', { key: 'a', value: 5 }, { value: ['Not a valid string.'] }],
        ['with null', { key: 'a', value: null }, { value: ['Not a valid string.'] }],
        ['with a list', { key: 'a', value: ['b'] }, { value: ['Not a valid string.'] }],
        ['with an object', { key: { a: 1 }, value: 'b' }, { key: ['Not a valid string.'] }],
        [
          'with a key too long',
          { key: 'k'.repeat(101), value: 'b' },
          { key: ['Ensure this field has no more than 100 characters.'] },
        ],
        [
          'with a value too long',
          { key: 'a', value: 'v'.repeat(1001) },
          { value: ['Ensure this field has no more than 1000 characters.'] },
        ],
        [
          'with a malformed key',
          { key: 'master ip', value: 'b' },
          { key: ['Use letters, digits, "_" and "-" only.'] },
        ],
        [
          'with a key that ends in a line feed',
          { key: 'a\n', value: 'b' },
          { key: ['Use letters, digits, "_" and "-" only.'] },
        ],
        [
          'with two lines',
          { key: 'a', value: 'one\ntwo' },
          { value: ['This field must be one line without control characters.'] },
        ],
        [
          'with NUL',
          { key: 'a', value: 'one\0two' },
          { value: ['This field must be one line without control characters.'] },
        ],
        [
          'with a field it does not know',
          { ...master, ttl: 1 },
          { ttl: ['This field is not known here.'] },
        ],
      ])('%s answers 400, naming the field and the rule', async (_, body, errors) => {
        const { status, json } = await add(await cluster(), body);
        expect(status).toBe(400);
        expect(json).toEqual(problem(400, 'invalid-body', errors));
      });

      it.each(['[]', '"text"', '5', 'true'])(
        '%s answers 400: it is not an object',
        async (body) => {
          const { status, json } = await api(`/clusters/${await cluster()}/keys`, {
            method: 'POST',
            body,
            headers: { 'content-type': 'application/json' },
          });
          expect(status).toBe(400);
          expect(json).toMatchObject({
            code: 'invalid-body',
            detail: 'The body must be an object.',
          });
        },
      );

      it.each(['{', '{"key": "a"', 'key=a', '{"__proto__": {"a": 1}}'])(
        '%s answers 400: it is not JSON that we take',
        async (body) => {
          const { status, json } = await api(`/clusters/${await cluster()}/keys`, {
            method: 'POST',
            body,
            headers: { 'content-type': 'application/json' },
          });
          expect(status).toBe(400);
          expect(json).toEqual(problem(400, 'bad-request'));
        },
      );

      it('with a field twice in a form answers 400', async () => {
        const { json } = await api(`/clusters/${await cluster()}/keys`, {
          method: 'POST',
          form: 'key=a&value=1&value=2',
        });
        expect(json).toEqual(problem(400, 'invalid-body', { value: ['Not a valid string.'] }));
      });
    });

    describe('of master_ip', () => {
      it.each([
        '10.10.25.5',
        '2001:db8::1',
        '::ffff:10.0.0.1',
        'master',
        'vm-1.cern.ch',
        'VM1.CERN.ch',
      ])('accepts %s', async (value) => {
        expect((await add(await cluster(), { key: 'master_ip', value })).status).toBe(201);
      });

      it.each(['10.10.25.5 ', ' 10.10.25.5', '  10.10.25.5  '])(
        'takes the blanks off "%s", also in a replacement',
        async (value) => {
          const pin = await cluster();
          const { status, json } = await add(pin, { key: 'master_ip', value });
          expect([status, json]).toEqual([201, master]);
          expect((await api(`/clusters/${pin}/keys/master_ip`)).text).toBe('master_ip: 10.10.25.5');
          const changed = await api(`/clusters/${pin}/keys/master_ip`, {
            method: 'PATCH',
            json: { value: '10.10.25.6 ' },
          });
          expect(changed.text).toBe('master_ip: 10.10.25.6');
        },
      );

      it.each([
        '10.10.25.5/g; e reboot #',
        '10.0.0.256',
        '10.0.0',
        '10.0.0.1 10.0.0.2',
        'a&b',
        '$(reboot)',
        'fe80::1%eth0',
        '-master',
        'master-',
        'a..b',
        'vm_1.cern.ch',
        'müller.ch',
        `${'a'.repeat(64)}.ch`,
        'http://10.0.0.1',
      ])('refuses %s, which an image would insert into a sed command', async (value) => {
        const { status, json } = await add(await cluster(), { key: 'master_ip', value });
        expect(status).toBe(400);
        expect(json).toEqual(
          problem(400, 'invalid-body', {
            value: ['master_ip must be an IPv4 or IPv6 address or an RFC 1123 host name.'],
          }),
        );
      });
    });
  });

  describe('GET', () => {
    it('lists the keys in order of creation', async () => {
      const keys = ['zeta', 'alpha', 'mid'].map((key) => ({ key, value: `of ${key}` }));
      const { status, json } = await api(`/clusters/${await cluster(...keys)}/keys`);
      expect([status, json]).toEqual([200, keys]);
    });

    it('returns an empty list for a new cluster', async () => {
      expect((await api(`/clusters/${await cluster()}/keys`)).json).toEqual([]);
    });

    it('answers 404 for an unknown PIN', async () => {
      const { status, json } = await api(`/clusters/${UNKNOWN_PIN}/keys`);
      expect(status).toBe(404);
      expect(json).toEqual(problem(404, 'not-found'));
    });
  });

  describe('/<key>', () => {
    const path = async (...keys: { key: string; value: string }[]) =>
      `/clusters/${await cluster(...keys)}/keys`;

    describe('GET', () => {
      it.each([
        ['accepts anything', '*/*'],
        ['accepts text', 'text/plain'],
        ['accepts any text', 'text/*'],
        ['names a charset', 'text/plain; charset=utf-8'],
        ['names a format', 'text/plain; format=flowed; charset="utf-8"'],
        ['prefers text', 'application/json;q=0.5, text/plain'],
      ])('answers one line of text to a client that %s', async (_, accept) => {
        const { status, headers, text } = await api(`${await path(master)}/master_ip`, {
          headers: { accept },
        });
        expect([status, text]).toEqual([200, 'master_ip: 10.10.25.5']);
        expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
      });

      it.each([
        ['asks for it', 'application/json'],
        ['prefers it', 'application/json, text/plain, */*'],
        ['takes any application type', 'application/*'],
        ['names a charset', 'application/json; charset=utf-8'],
        ['names it with a weight', 'text/plain;q=0.5, application/json; charset=utf-8; q=0.9'],
        ['takes problems alone', 'application/problem+json'],
        ['takes problems and pictures', 'image/png, application/problem+json;q=0.9'],
      ])('answers JSON to a client that %s', async (_, accept) => {
        const { headers, json } = await api(`${await path(master)}/master_ip`, {
          headers: { accept },
        });
        expect(json).toEqual(master);
        expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      });

      it('tells caches that the answer depends on Accept', async () => {
        const { headers } = await api(`${await path(master)}/master_ip`);
        expect(headers.get('vary')).toBe('Prefer, Accept');
      });

      it('answers 406 to a client that accepts neither', async () => {
        const { status, json } = await api(`${await path(master)}/master_ip`, {
          headers: { accept: 'image/png' },
        });
        expect(status).toBe(406);
        expect(json).toEqual(problem(406, 'not-acceptable'));
      });

      it.each([
        ['a key that is missing', 'missing'],
        ['a malformed key', 'master%20ip'],
        ['a key too long', 'k'.repeat(101)],
      ])('answers 404 for %s: empty as text, a problem as JSON', async (_, key) => {
        const keys = await path(master);
        const asText = await api(`${keys}/${key}`);
        expect([asText.status, asText.text]).toEqual([404, '']);
        expect(asText.headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect((await api(`${keys}/${key}`, asJson)).json).toEqual(problem(404, 'not-found'));
      });

      it('answers the same 404 for an unknown PIN', async () => {
        const { status, text } = await api(`/clusters/${UNKNOWN_PIN}/keys/master_ip`);
        expect([status, text]).toEqual([404, '']);
      });
    });

    describe.each(['PUT', 'PATCH'])('%s', (method) => {
      const change = async (keys: string, name: string, json: unknown, headers = {}) =>
        api(`${keys}/${name}`, { method, json, headers });

      it('changes the value', async () => {
        const keys = await path(master);
        const item = { key: 'master_ip', value: '10.10.25.9' };
        const { status, json } = await change(keys, 'master_ip', item, asJson.headers);
        expect([status, json]).toEqual([200, item]);
        expect((await api(keys)).json).toEqual([item]);
      });

      it('answers text unless asked for JSON', async () => {
        const { text } = await change(await path(master), 'master_ip', master);
        expect(text).toBe('master_ip: 10.10.25.5');
      });

      it('accepts a form', async () => {
        const { text } = await api(`${await path(master)}/master_ip`, {
          method,
          form: { key: 'master_ip', value: '10.0.0.7' },
        });
        expect(text).toBe('master_ip: 10.0.0.7');
      });

      it('renames the key, which keeps its position', async () => {
        const keys = await path({ key: 'a', value: '1' }, { key: 'b', value: '2' });
        const { text } = await change(keys, 'a', { key: 'c', value: '1' });
        expect(text).toBe('c: 1');
        expect((await api(keys)).json).toEqual([
          { key: 'c', value: '1' },
          { key: 'b', value: '2' },
        ]);
      });

      it('answers 409 when the new name is taken', async () => {
        const keys = await path({ key: 'a', value: '1' }, { key: 'b', value: '2' });
        const { status, json } = await change(keys, 'a', { key: 'b', value: '3' }, asJson.headers);
        expect(status).toBe(409);
        expect(json).toEqual(problem(409, 'key-exists'));
      });

      it('answers 404 for a key that is missing', async () => {
        const { status, text } = await change(await path(), 'a', { key: 'a', value: '1' });
        expect([status, text]).toEqual([404, '']);
      });

      it('answers 400 to an invalid value: empty as text, naming the field as JSON', async () => {
        const keys = await path(master);
        const bad = { key: 'master_ip', value: 'not/an/address' };
        const asText = await change(keys, 'master_ip', bad);
        expect([asText.status, asText.text]).toEqual([400, '']);
        expect((await change(keys, 'master_ip', bad, asJson.headers)).json).toEqual(
          problem(400, 'invalid-body', {
            value: ['master_ip must be an IPv4 or IPv6 address or an RFC 1123 host name.'],
          }),
        );
      });

      it('answers a body that is not JSON with 400 in the format that was asked for', async () => {
        const keys = await path(master);
        const headers = { 'content-type': 'application/json' };
        const asText = await api(`${keys}/master_ip`, { method, body: '{', headers });
        expect([asText.status, asText.text]).toEqual([400, '']);
      });

      it('changes nothing when the client accepts neither format', async () => {
        const keys = await path(master);
        const item = { key: 'master_ip', value: '10.0.0.8' };
        const { status } = await change(keys, 'master_ip', item, { accept: 'image/png' });
        expect(status).toBe(406);
        expect((await api(keys)).json).toEqual([master]);
      });
    });

    it('PUT needs both fields', async () => {
      const { json } = await api(`${await path(master)}/master_ip`, {
        method: 'PUT',
        json: { value: '10.0.0.1' },
        ...asJson,
      });
      expect(json).toEqual(problem(400, 'invalid-body', { key: ['This field is required.'] }));
    });

    it('PATCH changes only the name', async () => {
      const keys = await path({ key: 'a', value: '1' });
      const { text } = await api(`${keys}/a`, { method: 'PATCH', json: { key: 'b' } });
      expect(text).toBe('b: 1');
    });

    it('PATCH changes only the value', async () => {
      const keys = await path({ key: 'a', value: '1' });
      const { text } = await api(`${keys}/a`, { method: 'PATCH', json: { value: '2' } });
      expect(text).toBe('a: 2');
    });

    it('PATCH checks the value by the rule of its new name', async () => {
      const keys = await path({ key: 'a', value: 'not an address' });
      const { status } = await api(`${keys}/a`, { method: 'PATCH', json: { key: 'master_ip' } });
      expect(status).toBe(400);
      expect((await api(keys)).json).toEqual([{ key: 'a', value: 'not an address' }]);
    });

    it('DELETE removes the key, and answers 404 the second time', async () => {
      const keys = await path(master);
      const first = await api(`${keys}/master_ip`, { method: 'DELETE' });
      expect([first.status, first.text]).toEqual([204, '']);
      const second = await api(`${keys}/master_ip`, { method: 'DELETE' });
      expect([second.status, second.text]).toEqual([404, '']);
      expect((await api(keys)).json).toEqual([]);
    });
  });
});
