import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/process.js';
import { type Service, startService } from '../support/service.js';

describe('The audit log', () => {
  let service: Service;
  beforeAll(async () => {
    // Its lines are written whatever the level is.
    const env = { NODE_ENV: 'test', LOG_LEVEL: 'fatal', REQUIRED_ROLE: 'issuer', ADMIN_ROLE: 'a' };
    service = await startService({ ...env });
  });
  afterAll(() => service.stop());

  it('has who issued, revoked, deleted, was a second master or was refused, and never a PIN', async () => {
    const api = service.api;
    const as = async (user: string, ...roles: string[]) => ({
      authorization: `Bearer ${await service.token(user, ...roles)}`,
    });
    const owner = await as('mcurie', 'issuer');
    const issue = async () => {
      const { json } = await api('/clusters', { method: 'POST', headers: owner });
      return (json as { pin: string }).pin;
    };
    const deleted = await issue();
    for (const value of ['10.0.0.1', '10.0.0.2']) {
      await service.addKey(deleted, 'master_ip', value);
    }
    await api(`/clusters/${deleted}`, { method: 'DELETE' });
    const revoked = await issue();
    const { json } = await api('/issuances?limit=1', { headers: owner });
    const [{ id }] = (json as { issuances: [{ id: string }] }).issuances;
    const headers = await as('admin', 'issuer', 'a');
    await api(`/issuances/${id}`, { method: 'DELETE', headers });
    await api('/clusters', { method: 'POST', headers: await as('nobody') });
    await api('/clusters', { method: 'POST', headers: { authorization: 'Bearer x' } });
    await api('/clusters', { method: 'POST' });

    const { program } = service;
    await until('the log', () => program.output.split('sign_in_refused').length === 3);
    const text = stripVTControlCharacters(program.output);
    expect(text.match(/(?<=audit: ")\w+/g)).toEqual([
      'issue',
      'second_master',
      'delete',
      'issue',
      'revoke',
      'sign_in_refused',
      'sign_in_refused',
    ]);
    expect(text.split('audit: "revoke"')[1]).toMatch(
      new RegExp(`^\\s+id: "${id}"\\s+owner: "mcurie"\\s+user: "admin"\\s+address: "\\S+"`),
    );
    expect(text).toMatch(/code: "role-required"\s+reason: ".*issuer.*"\s+user: "nobody"/);
    expect(text).toMatch(/code: "invalid-token"/);
    for (const secret of [deleted, revoked, owner.authorization])
      expect(text).not.toContain(secret);
  });
});
