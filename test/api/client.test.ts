import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answerOf,
  createPairingClient,
  RefusedError,
  UnreachableError,
} from '../../client/client.js';
import { freePort } from '../support/ports.js';
import { secrets } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';

describe('The typed client', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  it('pairs a cluster', async () => {
    const person = createPairingClient({ serviceUrl: service.url, token: await service.token() });
    const machine = createPairingClient({ serviceUrl: service.url });
    const body = { description: 'by the client' };
    const { pin } = await answerOf(person.POST('/api/v1/clusters', { body }));
    secrets.secret('a PIN', pin);

    const cluster = { params: { path: { pin } } };
    for (const item of [
      { key: 'master_ip', value: '10.0.0.1' },
      { key: 'master_ready', value: 'true' },
    ]) {
      expect(
        await answerOf(machine.POST('/api/v1/clusters/{pin}/keys', { ...cluster, body: item })),
      ).toEqual(item);
    }
    const masterIp = { params: { path: { pin, key: 'master_ip' } } };
    const get = machine.GET('/api/v1/clusters/{pin}/keys/{key}', {
      ...masterIp,
      headers: { accept: 'application/json' }, // it is text by default, for curl
    });
    expect(await answerOf(get)).toEqual({ key: 'master_ip', value: '10.0.0.1' });
    expect(await answerOf(machine.GET('/api/v1/clusters/{pin}/keys', cluster))).toHaveLength(2);
    const state = await answerOf(machine.GET('/api/v1/clusters/{pin}', cluster));
    expect(state.state).toBe('ready');

    const { issuances } = await answerOf(person.GET('/api/v1/issuances'));
    expect(issuances).toMatchObject([{ description: 'by the client', hint: pin.slice(0, 4) }]);
    await answerOf(machine.DELETE('/api/v1/clusters/{pin}', cluster));
    await expect(answerOf(machine.GET('/api/v1/clusters/{pin}', cluster))).rejects.toMatchObject({
      status: 404,
      code: 'not-found',
    });
  });

  it('tells a refusal in the words of the service', async () => {
    const client = createPairingClient({ serviceUrl: service.url, token: await service.token() });
    const refused = answerOf(client.POST('/api/v1/clusters', { body: { description: 'a\nb' } }));
    await expect(refused).rejects.toBeInstanceOf(RefusedError);
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'invalid-body' });
  });

  it('tells a service from something else, and from nothing', async () => {
    const cluster = { params: { path: { pin: 'abcdefghijkl' } } };
    const elsewhere = createPairingClient({ serviceUrl: service.provider.issuer });
    await expect(answerOf(elsewhere.GET('/api/v1/clusters/{pin}', cluster))).rejects.toMatchObject({
      code: undefined,
    });
    const nowhere = createPairingClient({ serviceUrl: `http://127.0.0.1:${await freePort()}` });
    await expect(answerOf(nowhere.GET('/api/v1/clusters/{pin}', cluster))).rejects.toBeInstanceOf(
      UnreachableError,
    );
  });
});
