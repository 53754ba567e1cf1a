import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { MaintenanceSchedule } from '../../src/maintenance/maintenance.schedule.js';
import { PrometheusMetrics } from '../../src/metrics/prometheus-metrics.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { Scrape } from '../support/metrics.js';

const SECOND = 1_000;

describe('The metrics of issuances', () => {
  const clock = new MovableClock();
  const cleanUp = new CleanUp();
  let service: InProcessService;

  beforeAll(async () => {
    service = cleanUp.add(await InProcessService.start(clock));
  });
  afterAll(() => cleanUp.run());

  /** Moves the clock, runs expiry, and returns the metrics. */
  async function after(ms: number): Promise<Scrape> {
    clock.advance(ms);
    await service.get(MaintenanceSchedule).tick();
    return Scrape.parse(await service.get(PrometheusMetrics).text());
  }

  it('count once when the master registered, and how the cluster ended', async () => {
    const pin = await service.issuePin();
    clock.advance(90 * SECOND);
    await service.addKey(pin, 'master_ip', '10.0.0.1');
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

  it('count once when the first worker fetched, and that its cluster was paired', async () => {
    const { pin, id } = await service.issue();
    await service.addKey(pin, 'master_ip', '10.0.0.1');
    await service.addKey(pin, 'master_ready', 'true');
    clock.advance(20 * SECOND);
    for (let worker = 0; worker < 2; worker++) {
      await service.get(ClusterStore).countFetches(new Map([[id, 1]]));
      const scraped = await after(60 * SECOND);
      expect(scraped.value('pairing_ready_to_fetch_duration_seconds_sum')).toBe(20);
      expect(scraped.value('pairing_ready_to_fetch_duration_seconds_count')).toBe(1);
    }
    await after(24 * HOUR);
    const late = await after(60 * SECOND);
    expect(late.value('pairing_clusters_ended_total', { outcome: 'paired' })).toBe(1);
  });

  it('count once how long a cluster took to be complete, and those that were not', async () => {
    const [complete, incomplete] = [
      await service.issue(undefined, 2),
      await service.issue(undefined, 2),
    ];
    clock.advance(40 * SECOND);
    for (const { pin } of [complete, incomplete]) {
      await service.addKey(pin, 'master_ip', '10.0.0.1');
      await service.addKey(pin, 'master_ready', 'true');
    }
    clock.advance(20 * SECOND);
    const join = (pin: string, name: string) =>
      service.putMember(pin, name, { address: '10.0.1.1', state: 'ready' });
    await join(incomplete.pin, 'one');
    for (const name of ['one', 'two', 'three']) await join(complete.pin, name);
    for (let run = 0; run < 2; run++) {
      const scraped = await after(60 * SECOND);
      expect(scraped.value('pairing_issue_to_complete_duration_seconds_sum')).toBe(60);
      expect(scraped.value('pairing_issue_to_complete_duration_seconds_count')).toBe(1);
      expect(scraped.value('pairing_ready_to_complete_duration_seconds_sum')).toBe(20);
    }
    const before =
      (await after(0)).value('pairing_clusters_ended_total', { outcome: 'paired' }) ?? 0;
    await after(24 * HOUR);
    const late = await after(60 * SECOND);
    expect(late.value('pairing_clusters_ended_total', { outcome: 'incomplete' })).toBe(1);
    expect(late.value('pairing_clusters_ended_total', { outcome: 'paired' })).toBe(before + 1);
  });

  it('have the number of live PINs and the lag of expiry', async () => {
    const before = (await after(0)).value('pairing_pins_live')!;
    const pin = await service.issuePin();
    expect((await after(60 * SECOND)).value('pairing_pins_live')).toBe(before + 1);
    await service.api(`/clusters/${pin}`, { method: 'DELETE' });
    const scraped = await after(60 * SECOND);
    expect(scraped.value('pairing_pins_live')).toBe(before);
    expect(scraped.value('pairing_clusters_ended_total', { outcome: 'deleted' })).toBe(1);
    expect(scraped.value('pairing_expiry_lag_seconds')).toBe(0);
    expect(scraped.value('pairing_expiry_last_success_timestamp_seconds')).toBe(clock.now() / 1000);
  });
});
