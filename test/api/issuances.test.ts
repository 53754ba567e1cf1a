import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, problem } from '../support/api.js';
import { until } from '../support/process.js';
import { type Service, startService } from '../support/service.js';

interface Item {
  id: string;
  hint: string;
  owner: string;
  state: string;
  outcome: string | null;
  creation_time: string;
  description: string | null;
}
interface Page {
  issuances: Item[];
  next_cursor: string | null;
}

const ADMIN = 'pairing-admin';

describe('/issuances', () => {
  let service: Service;
  let api: Api;

  beforeAll(async () => {
    service = await startService({ ADMIN_ROLE: ADMIN, MAX_LIVE_PINS_PER_USER: '5' });
    api = service.api;
  });
  afterAll(() => service.stop());

  let users = 0;
  /** A user without PINs. */
  async function newUser(...roles: string[]) {
    const name = `user${users++}`;
    const headers = { authorization: `Bearer ${await service.token(name, ...roles)}` };
    const list = (query = '') => api(`/issuances${query}`, { headers });
    return {
      name,
      list,
      issue: (json: object = {}) => api('/clusters', { method: 'POST', headers, json }),
      post: (body: object) => api('/clusters', { method: 'POST', headers, ...body }),
      issuePin: async () => {
        const { json } = await api('/clusters', { method: 'POST', headers });
        return (json as { pin: string }).pin;
      },
      items: async (query = '') => ((await list(query)).json as Page).issuances,
      find: (id: string) => api(`/issuances/${id}`, { headers }),
      revoke: (id: string) => api(`/issuances/${id}`, { method: 'DELETE', headers }),
    };
  }

  describe('POST /clusters', () => {
    it('accepts a description, which the list shows', async () => {
      const user = await newUser();
      expect((await user.issue({ description: 'Analyse d’été' })).status).toBe(201);
      expect(await user.items()).toMatchObject([{ description: 'Analyse d’été' }]);
    });

    it.each<[string, object | string]>([
      ['JSON', { json: { workers: 8, ttl: 3600 } }],
      ['JSON with a duration', { json: { workers: 8, ttl: '60m' } }],
      ['a form', { form: 'workers=8&ttl=3600' }],
      ['a form with a duration', { form: 'workers=8&ttl=1h' }],
    ])('accepts a number of workers and a life in %s', async (_, body) => {
      const user = await newUser();
      const { pin } = (await user.post(body as object)).json as { pin: string };
      const { json } = await api(`/clusters/${pin}`);
      const { creation_time, expiration_time, workers } = json as Record<string, string>;
      expect(Date.parse(expiration_time!) - Date.parse(creation_time!)).toBe(3_600_000);
      expect(workers).toEqual({ expected: 8, joined: 0, ready: 0, failed: 0 });
      expect(await user.items()).toMatchObject([{ expiration_time, workers }]);
    });

    it('accepts the bounds of both', async () => {
      const user = await newUser();
      expect((await user.issue({ workers: 1, ttl: 600 })).status).toBe(201);
      expect((await user.issue({ workers: 5_000, ttl: '24h' })).status).toBe(201);
    });

    const workersRule = 'Must be a whole number from 1 to 5000.';
    const ttlRule = 'Must be 600 to 86400 seconds, or a duration such as 90m or 12h.';
    it.each<[string, unknown, string]>([
      ['workers', 0, workersRule],
      ['workers', 5_001, workersRule],
      ['workers', -1, workersRule],
      ['workers', 2.5, workersRule],
      ['workers', '8 ', workersRule],
      ['workers', '1e3', workersRule],
      ['workers', '', workersRule],
      ['workers', true, workersRule],
      ['workers', null, workersRule],
      ['workers', [8], workersRule],
      ['workers', {}, workersRule],
      ['ttl', 599, ttlRule],
      ['ttl', 86_401, ttlRule],
      ['ttl', '9m', ttlRule],
      ['ttl', '25h', ttlRule],
      ['ttl', '1d', ttlRule],
      ['ttl', '12 h', ttlRule],
      ['ttl', 'soon', ttlRule],
      ['ttl', '', ttlRule],
      ['ttl', null, ttlRule],
      ['ttl', ['1h'], ttlRule],
    ])('refuses %s of %j, in JSON', async (field, value, message) => {
      const { status, json } = await (await newUser()).issue({ [field]: value });
      expect(status).toBe(400);
      expect(json).toEqual(problem(400, 'invalid-body', { [field]: [message] }));
    });

    it.each([
      ['workers=0', { workers: [workersRule] }],
      ['workers=8&workers=9', { workers: [workersRule] }],
      ['ttl=5m', { ttl: [ttlRule] }],
      ['worker=8', { worker: ['This field is not known here.'] }],
    ])('refuses the form %s', async (form, errors) => {
      const { status, json } = await (await newUser()).post({ form });
      expect(status).toBe(400);
      expect(json).toEqual(problem(400, 'invalid-body', errors));
    });

    it.each([
      ['blank', ' ', 'This field may not be blank.'],
      ['no text', 5, 'Not a valid string.'],
      ['too long', 'x'.repeat(201), 'Ensure this field has no more than 200 characters.'],
      ['several lines', 'a\nb', 'This field must be one line without control characters.'],
    ])('refuses a description that is %s', async (_, description, message) => {
      const { status, json } = await (await newUser()).issue({ description });
      expect(status).toBe(400);
      expect(json).toEqual(problem(400, 'invalid-body', { description: [message] }));
    });

    it('answers 429 to a user with the maximum number of live PINs, until one has ended', async () => {
      const user = await newUser();
      const answers = await Promise.all(Array.from({ length: 8 }, () => user.issue()));
      const counts = Map.groupBy(answers, ({ status }) => status);
      expect([...counts].map(([status, those]) => [status, those.length])).toEqual(
        expect.arrayContaining([
          [201, 5],
          [429, 3],
        ]),
      );
      const { json } = await user.issue();
      expect(json).toEqual(problem(429, 'too-many-pins'));
      expect(json).toMatchObject({ detail: expect.stringContaining('5 live PINs') });
      expect((await (await newUser()).issue()).status).toBe(201);
      await user.revoke((await user.items())[0]!.id);
      expect((await user.issue()).status).toBe(201);
    });
  });

  describe('GET /issuances', () => {
    it('lists the issuances of the user, newest first, without the PINs', async () => {
      const user = await newUser();
      const pins = [];
      for (let n = 0; n < 3; n++) {
        pins.unshift(await user.issuePin());
        await delay(2); // so that no two are of the same millisecond
      }
      const { status, text, json } = await user.list();
      expect(status).toBe(200);
      const { issuances, next_cursor } = json as Page;
      expect(issuances.map(({ hint }) => hint)).toEqual(pins.map((pin) => pin.slice(0, 4)));
      expect(pins.filter((pin) => text.includes(pin))).toEqual([]);
      expect(next_cursor).toBeNull();
      const created = Date.parse(issuances[0]!.creation_time);
      expect(issuances[0]).toEqual({
        id: expect.stringMatching(/^[\w-]{22}$/),
        hint: pins[0]!.slice(0, 4),
        owner: user.name,
        description: null,
        state: 'issued',
        outcome: null,
        creation_time: new Date(created).toISOString(),
        expiration_time: new Date(created + 24 * 3_600_000).toISOString(),
        master_time: null,
        ready_time: null,
        failed_time: null,
        first_fetch_time: null,
        completed_time: null,
        end_time: null,
        fetches: 0,
        workers: { expected: null, joined: 0, ready: 0, failed: 0 },
        second_masters: 0,
        master_changes: 0,
      });
    });

    it('shows the current state of each cluster', async () => {
      const user = await newUser();
      const pin = await user.issuePin();
      await service.addKey(pin, 'master_ip', '10.0.0.1');
      expect(await user.items('?state=master_registered')).toMatchObject([
        { state: 'master_registered', master_time: expect.any(String), second_masters: 0 },
      ]);
      await service.addKey(pin, 'master_ip', '10.0.0.2');
      await service.addKey(pin, 'master_ready', 'true');
      expect(await user.items('?state=ready')).toMatchObject([
        { ready_time: expect.any(String), second_masters: 1, end_time: null },
      ]);
      expect(await user.items('?state=issued')).toEqual([]);
    });

    it('goes from page to page', async () => {
      const user = await newUser();
      for (let n = 0; n < 5; n++) await user.issue({ description: `number ${n}` });
      const all = await user.items();
      const pages: Page[] = [];
      for (let query = '?limit=2'; pages.at(-1)?.next_cursor !== null;) {
        const page = (await user.list(query)).json as Page;
        pages.push(page);
        query = `?limit=2&cursor=${page.next_cursor}`;
      }
      expect(pages.map(({ issuances }) => issuances.length)).toEqual([2, 2, 1]);
      expect(pages.flatMap(({ issuances }) => issuances)).toEqual(all);
    });

    it('lists the issuances of a period', async () => {
      const user = await newUser();
      await user.issue();
      const { creation_time } = (await user.items())[0]!;
      const later = new Date(Date.parse(creation_time) + 1).toISOString();
      expect(await user.items(`?since=${creation_time}&until=${later}`)).toHaveLength(1);
      expect(await user.items(`?until=${creation_time}`)).toEqual([]);
      expect(await user.items(`?since=${later}`)).toEqual([]);
      for (const zone of ['%2B0000', '+0000', '-0030', '%2B00:00']) {
        expect(await user.items(`?since=2026-01-01T00:00:00${zone}`)).not.toEqual([]);
      }
      expect(await user.items('?since=2026-01-01&until=2999-01-01T00:00:00%2B01:00')).toHaveLength(
        1,
      );
    });

    it.each([
      ['cursor', 'x', 'Must be the next_cursor of another page.'],
      ['cursor', '', 'Must be the next_cursor of another page.'],
      ['state', 'happy', 'Must be one of issued, master_registered, ready, failed, ended.'],
      [
        'outcome',
        'happy',
        'Must be one of paired, incomplete, lonely_master, lonely_worker, unused, revoked, deleted.',
      ],
      ['since', 'yesterday', 'Must be a time such as 2026-11-23T12:00:00Z, or a date.'],
      ['until', '2026-13-01', 'Must be a time such as 2026-11-23T12:00:00Z, or a date.'],
      ['since', '2026-11-23T12:00:00', 'Must be a time such as 2026-11-23T12:00:00Z, or a date.'],
      ['limit', '0', 'Must be a number from 1 to 100.'],
      ['limit', '101', 'Must be a number from 1 to 100.'],
      ['limit', '1e1', 'Must be a number from 1 to 100.'],
      ['owner', '', 'This field may not be blank.'],
      ['colour', 'red', 'This field is not known here.'],
    ])('answers 400 to ?%s=%s, naming the field', async (field, value, message) => {
      const { status, json } = await (await newUser()).list(`?${field}=${value}`);
      expect(status).toBe(400);
      expect(json).toEqual(problem(400, 'invalid-query', { [field]: [message] }));
    });

    it.each(['cursor', 'state', 'since', 'limit', 'owner'])(
      'answers 400 to a %s given twice',
      async (field) => {
        const { status } = await (await newUser()).list(`?${field}=1&${field}=1`);
        expect(status).toBe(400);
      },
    );

    it('shows the issuances of other users to admins only', async () => {
      const [one, another, admin] = [await newUser(), await newUser(), await newUser(ADMIN)];
      await one.issue();
      await admin.issue();
      const refused = await another.list(`?owner=${one.name}`);
      expect(refused.status).toBe(403);
      expect(refused.json).toEqual(problem(403, 'role-required'));
      expect((await another.list('?owner=*')).status).toBe(403);
      expect(await one.items(`?owner=${one.name}`)).toHaveLength(1);

      expect(await admin.items()).toMatchObject([{ owner: admin.name }]);
      expect(await admin.items(`?owner=${one.name}`)).toMatchObject([{ owner: one.name }]);
      const [newest, next] = await admin.items('?owner=*&limit=2');
      expect([newest!.owner, next!.owner]).toEqual([admin.name, one.name]);
    });

    it('needs a sign-in', async () => {
      expect((await api('/issuances')).json).toEqual(problem(401, 'sign-in-required'));
    });
  });

  describe('GET /issuances/<id>', () => {
    it('shows how far the cluster has come by now, as in the list, without PIN or address', async () => {
      const user = await newUser();
      const pin = await user.issuePin();
      const [{ id }] = (await user.items()) as [Item];
      await service.addKey(pin, 'master_ip', '10.11.12.13');
      const { status, text, json } = await user.find(id);
      expect(status).toBe(200);
      expect(json).toMatchObject({ id, state: 'master_registered', owner: user.name });
      expect([json]).toEqual(await user.items());
      expect(text).not.toMatch(new RegExp(`${pin}|10\\.11\\.12\\.13`));
      await user.revoke(id);
      expect((await user.find(id)).json).toMatchObject({ state: 'ended', outcome: 'revoked' });
    });

    it('is for the owner and for admins: for others, as for no id at all, it is 404', async () => {
      const [owner, another, admin] = [await newUser(), await newUser(), await newUser(ADMIN)];
      await owner.issuePin();
      const [{ id }] = (await owner.items()) as [Item];
      expect((await admin.find(id)).status).toBe(200);
      for (const refused of [await another.find(id), await owner.find('x'.repeat(22))]) {
        expect(refused.json).toEqual(problem(404, 'not-found'));
      }
      expect((await owner.find('nonsense')).status).toBe(404);
      expect((await api(`/issuances/${id}`)).status).toBe(401);
    });
  });

  describe('DELETE /issuances/<id>', () => {
    it('ends the cluster at once, and a second time changes nothing', async () => {
      const user = await newUser();
      const pin = await user.issuePin();
      await service.addKey(pin, 'master_ip', '10.0.0.1');
      const [{ id }] = (await user.items()) as [Item];
      const { status, text } = await user.revoke(id);
      expect([status, text]).toEqual([204, '']);
      expect((await api(`/clusters/${pin}`)).status).toBe(404);
      expect((await api(`/clusters/${pin}/keys/master_ip`)).status).toBe(404);
      const after = await user.items();
      expect(after).toMatchObject([
        {
          state: 'ended',
          outcome: 'revoked',
          master_time: expect.any(String),
          end_time: expect.any(String),
        },
      ]);
      expect((await user.revoke(id)).status).toBe(204);
      expect(await user.items()).toEqual(after);
    });

    it('is for the owner and for admins: for others the id is unknown', async () => {
      const [owner, another, admin] = [await newUser(), await newUser(), await newUser(ADMIN)];
      const pin = await owner.issuePin();
      const [{ id }] = (await owner.items()) as [Item];
      const refused = await another.revoke(id);
      expect(refused.status).toBe(404);
      expect(refused.json).toEqual(problem(404, 'not-found'));
      expect((await api(`/clusters/${pin}`)).status).toBe(200);
      expect((await admin.revoke(id)).status).toBe(204);
      expect((await api(`/clusters/${pin}`)).status).toBe(404);
    });

    it.each(['unknown', 'x'.repeat(22), '%00', "'%20OR%201=1"])(
      'answers 404 to the id %s',
      async (id) => expect((await (await newUser()).revoke(id)).status).toBe(404),
    );

    it('does not change an issuance whose cluster was deleted before', async () => {
      const user = await newUser();
      const pin = await user.issuePin();
      await api(`/clusters/${pin}`, { method: 'DELETE' });
      await until('the record', async () => (await user.items())[0]!.outcome === 'deleted');
      const before = await user.items();
      expect((await user.revoke(before[0]!.id)).status).toBe(204);
      expect(await user.items()).toEqual(before);
    });
  });
});
