import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApp } from '../../src/app.setup.js';
import { ClusterSeals } from '../../src/clusters/cluster.seals.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { readSettings } from '../../src/config/read-settings.js';
import { ExpiryService } from '../../src/expiry/expiry.service.js';
import { outcomeOf } from '../../src/issuances/issuance.js';
import { IssuanceStore } from '../../src/issuances/issuance.store.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { type Api, apiOf, type Request } from '../support/api.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { searchedLogger } from '../support/logger.js';
import { until } from '../support/process.js';

describe('Expiry', () => {
  const clock = new MovableClock();
  let app: INestApplication;
  let dataDir: string;
  let api: Api;
  let lookers = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    const settings = readSettings({ DATA_DIR: dataDir, TRUSTED_PROXIES: '1' });
    app = await createApp(settings, clock, searchedLogger());
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    api = apiOf(`http://localhost:${port}`);
  });
  afterAll(async () => {
    await app.close();
    await rm(dataDir, { recursive: true });
  });

  const user = { name: 'mcurie', roles: new Set<string>() };
  const part = <T>(type: abstract new (...args: never[]) => T) =>
    app.get<T>(type, { strict: false });
  const idOf = (pin: string) => part(ClusterSeals).ofNew(pin).id;
  const issue = async () =>
    (await part(IssuancesService).issue({ user, address: '127.0.0.1' })).pin;

  it('comes 24 hours after creation, to the millisecond, whatever happens meanwhile', async () => {
    const pin = await issue();
    const json = { key: 'master_ip', value: '10.0.0.1' };
    clock.advance(23 * HOUR);
    await api(`/clusters/${pin}/keys`, { method: 'POST', json });
    clock.advance(HOUR - 1);
    expect((await api(`/clusters/${pin}/keys/master_ip`)).text).toBe('master_ip: 10.0.0.1');
    clock.advance(1);
    expect((await api(`/clusters/${pin}/keys/master_ip`)).status).toBe(404);
  });

  it.each([
    ['lonely_worker', 'master_ip'],
    ['lonely_worker', 'master_ready'],
    ['unused', 'text'],
  ])('is on record as %s where %s was asked for and no master ever came', async (outcome, key) => {
    const runExpiry = () => part(ExpiryService).run();
    const [pin, other] = [await issue(), await issue()];
    // The other is always marked, and in the same second: when it is, so is what was to be marked.
    for (const path of [`${pin}/keys/${key}`, `${other}/keys/master_ip`]) {
      for (let poll = 0; poll < 3; poll++) {
        expect((await api(`/clusters/${path}`)).status).toBe(404);
      }
    }
    const [id, otherId] = [pin, other].map((each) => part(ClusterSeals).ofNew(each).id);
    await until('what was asked to be marked', async () => {
      return (await part(ClusterStore).find(otherId!))?.askedAt !== undefined;
    });
    clock.advance(24 * HOUR - 15_000);
    await runExpiry();
    clock.advance(15_000);
    await runExpiry();
    const record = await part(IssuanceStore).find(id!);
    expect(outcomeOf(record!, clock.now())).toBe(outcome);
  });

  it.each<[string, (pin: string) => Promise<unknown>]>([
    ['Expiry', async () => clock.advance(24 * HOUR)],
    ['Revoking', (pin) => part(IssuancesService).revoke(user, idOf(pin), '127.0.0.1')],
    ['Deleting', (pin) => api(`/clusters/${pin}`, { method: 'DELETE' })],
  ])('%s leaves a PIN that looks as if it had never been issued', async (_, end) => {
    const pin = await issue();
    const look = async (of: string) => {
      // From elsewhere each time, so that nobody is throttled.
      const elsewhere = { 'x-forwarded-for': `10.0.${lookers++}.1` };
      const send = ({ headers = {}, ...request }: Request, path = '') =>
        api(`/clusters/${of}${path}`, {
          ...request,
          headers: { ...headers, ...elsewhere },
        });
      return Promise.all([
        send({}),
        send({ method: 'DELETE' }),
        send({}, '/events'),
        send({}, '/keys'),
        send({ method: 'POST', json: { key: 'a', value: 'b' } }, '/keys'),
        send({}, '/keys/a'),
        send({ headers: { prefer: 'wait=25' } }, '/keys/a'),
        send({ method: 'PATCH', json: { value: 'c' } }, '/keys/a'),
      ]);
    };
    await end(pin);
    const ended = await look(pin);
    const neverIssued = await look('abcdefghijkl');
    const seen = (answers: typeof ended) =>
      answers.map(({ status, text, headers }) => [
        status,
        text,
        [...headers].filter(([name]) => name !== 'date'),
      ]);
    expect(seen(ended)).toEqual(seen(neverIssued));
    expect(ended.every(({ status }) => status === 404)).toBe(true);
  });
});
