import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, problem } from '../support/api.js';
import { type Service, startService } from '../support/service.js';

describe('/clusters', () => {
  let service: Service;
  let api: Api;
  let bearer: { authorization: string };

  beforeAll(async () => {
    service = await startService();
    api = service.api;
    bearer = { authorization: `Bearer ${await service.token()}` };
  });
  afterAll(() => service.stop());

  const issue = (body: object = {}) =>
    api('/clusters', { method: 'POST', headers: bearer, ...body });

  describe('POST /clusters', () => {
    it('issues a PIN of 12 lower-case letters and digits', async () => {
      const { status, json } = await issue();
      expect(status).toBe(201);
      expect(json).toEqual({
        pin: expect.stringMatching(/^[a-z0-9]{12}$/),
        creation_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
    });

    it('returns the location of the cluster', async () => {
      const { headers, json } = await issue();
      expect(headers.get('location')).toBe(`/api/v1/clusters/${(json as { pin: string }).pin}`);
    });

    it.each([
      ['an empty object', { json: {} }],
      ['an empty JSON body', { body: '', headers: {} }],
      ['an empty form', { form: {} }],
    ])('accepts %s like no body', async (_, body) => {
      const { status } = await issue({
        ...body,
        headers: { ...bearer, ...('headers' in body && { 'content-type': 'application/json' }) },
      });
      expect(status).toBe(201);
    });

    it('refuses a field it does not know, by name', async () => {
      const { status, json } = await issue({ json: { pin: 'mine' } });
      expect(status).toBe(400);
      expect(json).toEqual(
        problem(400, 'invalid-body', { pin: ['This field is not known here.'] }),
      );
    });

    it('issues a different PIN each time', async () => {
      const answers = await Promise.all(Array.from({ length: 200 }, () => issue()));
      expect(new Set(answers.map(({ json }) => (json as { pin: string }).pin)).size).toBe(200);
    });
  });

  describe('GET /clusters/<pin>', () => {
    it('shows the cluster, which lives for 24 hours', async () => {
      const { json: issued } = await issue();
      const { pin, creation_time } = issued as { pin: string; creation_time: string };
      const { status, json } = await api(`/clusters/${pin}`);
      expect(status).toBe(200);
      expect(json).toEqual({
        pin,
        creation_time,
        expiration_time: new Date(Date.parse(creation_time) + 24 * 3_600_000).toISOString(),
        state: 'issued',
        second_masters: 0,
        master_changes: 0,
        workers: { expected: null, joined: 0, ready: 0, failed: 0 },
      });
    });

    it('shows its state', async () => {
      const pin = await service.issuePin();
      const states: unknown[] = [];
      for (const key of ['other', 'master_ip', 'master_ready']) {
        await service.addKey(pin, key);
        states.push(((await api(`/clusters/${pin}`)).json as { state: string }).state);
      }
      expect(states).toEqual(['issued', 'master_registered', 'ready']);
    });

    it.each([
      ['unknown', 'abcdefghijkl'],
      ['too short', 'abc'],
      ['too long', 'abcdefghijklm'],
      ['upper-case', 'ABCDEFGHIJKL'],
      ['not ASCII', '%C3%BCbcdefghijkl'],
      ['undecodable', '%zzcdefghijkl'],
      ['very long', 'a'.repeat(5000)],
    ])('answers 404 for a PIN that is %s', async (_, pin) => {
      const { status, headers, json } = await api(`/clusters/${pin}`);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(json).toEqual({
        title: 'Not Found',
        status: 404,
        code: 'not-found',
        detail: 'Not found.',
      });
    });
  });

  describe('DELETE /clusters/<pin>', () => {
    it('ends the cluster with its keys', async () => {
      const pin = await service.issuePin();
      await service.addKey(pin, 'a', 'b');
      const { status, text } = await api(`/clusters/${pin}`, { method: 'DELETE' });
      expect([status, text]).toEqual([204, '']);
      expect((await api(`/clusters/${pin}`)).status).toBe(404);
      expect((await api(`/clusters/${pin}/keys`)).status).toBe(404);
      expect((await api(`/clusters/${pin}/keys/a`)).status).toBe(404);
    });

    it('answers 404 the second time', async () => {
      const pin = await service.issuePin();
      await api(`/clusters/${pin}`, { method: 'DELETE' });
      const { status, json } = await api(`/clusters/${pin}`, { method: 'DELETE' });
      expect(status).toBe(404);
      expect(json).toEqual(problem(404, 'not-found'));
    });
  });
});
