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
import { type Api, apiOf } from '../support/api.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { searchedLogger } from '../support/logger.js';
import { until } from '../support/process.js';

describe('Expiry', () => {
  const clock = new MovableClock();
  let app: INestApplication;
  let dataDir: string;
  let api: Api;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    const settings = readSettings({ DATA_DIR: dataDir });
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
  const issue = async () => {
    const issuances = app.get(IssuancesService, { strict: false });
    return (await issuances.issue({ user, address: '127.0.0.1' })).pin;
  };

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
    const part = <T>(type: abstract new (...args: never[]) => T) =>
      app.get<T>(type, { strict: false });
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

  it('leaves a PIN that looks as if it had never been issued', async () => {
    const pin = await issue();
    const look = async (of: string) =>
      Promise.all([
        api(`/clusters/${of}`),
        api(`/clusters/${of}`, { method: 'DELETE' }),
        api(`/clusters/${of}/keys`),
        api(`/clusters/${of}/keys`, { method: 'POST', json: { key: 'a', value: 'b' } }),
        api(`/clusters/${of}/keys/a`),
        api(`/clusters/${of}/keys/a`, { method: 'PATCH', json: { value: 'c' } }),
      ]);
    clock.advance(24 * HOUR);
    const expired = await look(pin);
    const neverIssued = await look('abcdefghijkl');
    const seen = (answers: typeof expired) =>
      answers.map(({ status, text, headers }) => [
        status,
        text,
        [...headers].filter(([name]) => name !== 'date'),
      ]);
    expect(seen(expired)).toEqual(seen(neverIssued));
    expect(expired.every(({ status }) => status === 404)).toBe(true);
  });
});
