import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Api } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { Scrape } from '../support/metrics.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { runService, type Service, startService } from '../support/service.js';

const KEY_ROUTE = '/api/v1/clusters/:pin/keys/:key';

describe('The metrics', () => {
  const cleanUp = new CleanUp();
  let redis: RedisServer;
  let service: Service;
  let api: Api;
  let metricsUrl: string;
  let pin: string;

  const scrape = () => Scrape.of(metricsUrl);

  beforeAll(async () => {
    redis = cleanUp.add(await RedisServer.start());
    const metricsPort = await freePort();
    metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
    const env = { METRICS_PORT: String(metricsPort), REDIS_URL: redis.url };
    service = cleanUp.add(await startService(env));
    api = service.api;
    pin = await service.issuePin();
  });
  afterAll(() => cleanUp.run());

  it('are served on a port of their own, and not on the public one', async () => {
    expect((await fetch(metricsUrl)).headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect((await fetch(new URL('/other', metricsUrl))).status).toBe(404);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
  });

  it('count requests by the template of their route and by status', async () => {
    const counted = async (status: string) =>
      (await scrape()).value('pairing_http_request_duration_seconds_count', {
        method: 'GET',
        route: KEY_ROUTE,
        status,
      }) ?? 0;
    const [found, missed] = [await counted('200'), await counted('404')];
    await service.addKey(pin, 'a', 'b');
    await api(`/clusters/${pin}/keys/a`);
    await api(`/clusters/${pin}/keys/other`);
    await api(`/clusters/${pin}/keys/another`);
    expect([await counted('200'), await counted('404')]).toEqual([found + 1, missed + 2]);
  });

  it('do not grow with requests, and contain no PIN', async () => {
    const ask = async (what: string) => {
      await api(`/clusters/${pin}/keys/${what}`);
      await api(`/nowhere/${what}`);
      await fetch(`${service.url}/${what}`, { method: 'PROPFIND' });
      return scrape();
    };
    const before = await ask('a');
    const after = await ask('b');
    expect(after.samples.length).toBe(before.samples.length);
    expect(after.text).not.toContain(pin);
    expect(after.text).not.toContain('nowhere');
  });

  it('count held requests separately, and the signals that release them', async () => {
    const waited = { method: 'GET', route: KEY_ROUTE, status: '200' };
    const count = 'pairing_http_request_duration_seconds_count';
    const before = await scrape();
    const key = api(`/clusters/${pin}/keys/awaited`, { headers: { prefer: 'wait=20' } });
    await until(
      'the request to be held',
      async () => (await scrape()).value('pairing_held_requests') === 1,
    );
    await service.addKey(pin, 'awaited', 'b');
    expect((await key).status).toBe(200);
    const after = await scrape();
    expect(after.value('pairing_held_requests')).toBe(0);
    expect(after.value(count, waited)).toBe(before.value(count, waited));
    const changes = (scraped: Scrape) =>
      scraped.value('pairing_signals_total', { what: 'change' })!;
    expect(changes(after)).toBeGreaterThan(changes(before));
  });

  it('count PINs and second masters', async () => {
    const before = await scrape();
    const other = await service.issuePin();
    for (const value of ['10.0.0.1', '10.0.0.2']) {
      await service.addKey(other, 'master_ip', value);
    }
    const after = await scrape();
    const more = (name: string) => after.value(name)! - before.value(name)!;
    expect(more('pairing_pins_issued_total')).toBe(1);
    expect(more('pairing_second_masters_total')).toBe(1);
  });

  it('time storage operations, and count failures', async () => {
    const operation = { storage: 'redis', operation: 'find' };
    const count = 'pairing_storage_operation_duration_seconds_count';
    const failures = 'pairing_storage_operation_failures_total';
    await api(`/clusters/${pin}`);
    const before = await scrape();
    await redis.kill();
    await until('a refusal', async () => (await api(`/clusters/${pin}`)).status === 503);
    const after = await scrape();
    expect(before.value(failures, operation)).toBe(0);
    expect(after.value(failures, operation)).toBeGreaterThan(0);
    expect(after.value(count, operation)).toBeGreaterThan(before.value(count, operation)!);
    expect(after.value('pairing_redis_up')).toBe(0);
    await redis.restart();
    await until('Redis to be back', async () => (await scrape()).value('pairing_redis_up') === 1);
  });

  it('have the memory of Redis and its limit', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '100mb');
    const scraped = await scrape();
    expect(scraped.value('pairing_redis_memory_limit_bytes')).toBe(100 * 1024 * 1024);
    expect(scraped.value('pairing_redis_memory_used_bytes')).toBeGreaterThan(100_000);
    expect(scraped.value('pairing_redis_persistence_ok')).toBe(1);
  });

  it('follow the conventions of Prometheus', async () => {
    const { text } = await scrape();
    // It prints violations, and succeeds only if there are none.
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text }).toString()).toBe('');
  });

  it.each(['alerts/cluster-pairing.yaml', 'dashboards/cluster-pairing.json'])(
    'include every metric in %s',
    async (file) => {
      const { text } = await scrape();
      const served = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
      const asked = readFileSync(join('helm/cluster-pairing', file), 'utf8').matchAll(
        /\b(?:pairing|nodejs|process)_\w+?(?=(?:_bucket|_sum|_count)?\b)/g,
      );
      for (const [name] of asked) expect(served).toContain(name);
    },
  );

  it('are those in docs/metrics.md, with the same types and labels', async () => {
    await api(`/clusters/${await service.issuePin()}`, { method: 'DELETE' });
    const ended = 'pairing_clusters_ended_total';
    await until('its end to be counted', async () => (await scrape()).value(ended) !== undefined);
    const { text, samples } = await scrape();
    const served = [...text.matchAll(/^# TYPE (pairing_\w+) (\w+)$/gm)].map(([, name, type]) => {
      const own = samples.filter(
        (sample) => sample.name.replace(/_(bucket|sum|count)$/, '') === name,
      );
      const labels = new Set(own.flatMap((sample) => Object.keys(sample.labels)));
      labels.delete('le');
      return { name, type, labels: [...labels].toSorted() };
    });
    expect(served.toSorted(byName)).toEqual(documented().toSorted(byName));
  });
});

describe('The port of the metrics', () => {
  it('stops the start with one error line when it is in use', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as { port: number };
    const service = runService({
      PORT: '0',
      METRICS_PORT: String(port),
      LOG_LEVEL: 'error',
    });
    expect(await service.ended).toBe(1);
    expect(service.output).toBe(
      `Port ${port} of 127.0.0.1 is in use: stop what uses it, or set METRICS_PORT.\n`,
    );
    other.close();
  });
});

interface Documented {
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly labels: string[];
}

const byName = (a: Documented, b: Documented) => a.name!.localeCompare(b.name!);

/** The rows of the tables: name, type, labels, meaning. */
function documented(): Documented[] {
  const rows = readFileSync('docs/metrics.md', 'utf8').matchAll(
    /^\| `(pairing_\w+)` *\| (\w+) *\|(.*?)\|/gm,
  );
  return [...rows].map(([, name, type, labels = '']) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label!).toSorted(),
  }));
}
