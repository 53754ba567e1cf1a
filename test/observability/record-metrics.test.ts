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
import { ExpirySchedule } from '../../src/expiry/expiry.schedule.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { PrometheusMetrics } from '../../src/metrics/prometheus-metrics.js';
import { type Api, apiOf } from '../support/api.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { searchedLogger } from '../support/logger.js';
import { Scrape } from '../support/metrics.js';

const SECOND = 1_000;

describe('The metrics of the record', () => {
  const clock = new MovableClock();
  const user = { name: 'mcurie', roles: new Set<string>() };
  let app: INestApplication;
  let dataDir: string;
  let api: Api;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    app = await createApp(readSettings({ DATA_DIR: dataDir }), clock, searchedLogger());
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    api = apiOf(`http://localhost:${port}`);
  });
  afterAll(async () => {
    await app.close();
    await rm(dataDir, { recursive: true });
  });

  const issue = async () =>
    (await app.get(IssuancesService, { strict: false }).issue({ user, address: '127.0.0.1' })).pin;
  const add = (pin: string, key: string, value: string) =>
    api(`/clusters/${pin}/keys`, { method: 'POST', json: { key, value } });

  /** Lets time pass and expiry run, and gives what is told then. */
  async function after(ms: number): Promise<Scrape> {
    clock.advance(ms);
    await app.get(ExpirySchedule, { strict: false }).tick();
    return Scrape.parse(await app.get(PrometheusMetrics, { strict: false }).text());
  }

  it('tell once when the master came, and how the cluster ended', async () => {
    const pin = await issue();
    clock.advance(90 * SECOND);
    await add(pin, 'master_ip', '10.0.0.1');
    await after(60 * SECOND);
    const soon = await after(60 * SECOND);
    expect(soon.value('pairing_issue_to_master_duration_seconds_sum')).toBe(90);
    expect(soon.value('pairing_issue_to_master_duration_seconds_count')).toBe(1);
    expect(soon.value('pairing_clusters_ended_total')).toBeUndefined();

    await after(24 * HOUR);
    const late = await after(60 * SECOND);
    expect(late.value('pairing_clusters_ended_total', { outcome: 'lonely_master' })).toBe(1);
    expect(late.value('pairing_issue_to_master_duration_seconds_count')).toBe(1);
  });

  it('tell once when the first worker came, and that its cluster was paired', async () => {
    const pin = await issue();
    const { id } = await app.get(ClusterSeals, { strict: false }).of(pin);
    await add(pin, 'master_ip', '10.0.0.1');
    await add(pin, 'master_ready', 'true');
    clock.advance(20 * SECOND);
    for (let worker = 0; worker < 2; worker++) {
      await app.get(ClusterStore, { strict: false }).countFetches(new Map([[id, 1]]));
      const told = await after(60 * SECOND);
      expect(told.value('pairing_ready_to_fetch_duration_seconds_sum')).toBe(20);
      expect(told.value('pairing_ready_to_fetch_duration_seconds_count')).toBe(1);
    }
    await after(24 * HOUR);
    const late = await after(60 * SECOND);
    expect(late.value('pairing_clusters_ended_total', { outcome: 'paired' })).toBe(1);
  });

  it('tell how many PINs live, and that expiry keeps up', async () => {
    const before = (await after(0)).value('pairing_pins_live')!;
    const pin = await issue();
    expect((await after(60 * SECOND)).value('pairing_pins_live')).toBe(before + 1);
    await api(`/clusters/${pin}`, { method: 'DELETE' });
    const told = await after(60 * SECOND);
    expect(told.value('pairing_pins_live')).toBe(before);
    expect(told.value('pairing_clusters_ended_total', { outcome: 'deleted' })).toBe(1);
    expect(told.value('pairing_expiry_lag_seconds')).toBe(0);
    expect(told.value('pairing_expiry_last_success_timestamp_seconds')).toBe(clock.now() / 1000);
  });
});
