import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { median } from '../../dev/load/statistics.js';
import { CleanUp } from '../support/clean-up.js';
import { Scrape } from '../support/metrics.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { type Service, startService } from '../support/service.js';

const HELD = 60;
const RESERVE = 20;
const PROMPT_MS = 100;
const TRIES = 20;

interface Init {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

describe('A replica that holds as many requests as it may', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let metricsUrl: string;
  let pin: string;
  beforeAll(async () => {
    const port = String(await freePort());
    metricsUrl = `http://127.0.0.1:${port}`;
    service = cleanUp.add(
      await startService({
        METRICS_PORT: port,
        MAX_HELD_REQUESTS: String(HELD),
        CONNECTION_RESERVE: String(RESERVE),
        MAX_WAIT_SECONDS: '60',
        TRUSTED_PROXIES: '1',
      }),
    );
    // Each of another cluster and at another address, so that no share is used up.
    for (let n = 1; n <= HELD; n++) {
      pin = await service.issuePin();
      await open(waitFor(pin, `10.0.0.${n}`));
    }
    await until(
      'all places to be taken',
      async () => (await metric('pairing_held_requests')) === HELD,
    );
  });
  afterAll(() => cleanUp.run());

  const waitFor = (of: string, address: string) =>
    `GET /api/v1/clusters/${of}/keys/master_ready HTTP/1.1\r\nHost: x\r\nPrefer: wait=60\r\n` +
    `X-Forwarded-For: ${address}\r\n\r\n`;
  const metric = async (name: string) => (await Scrape.of(`${metricsUrl}/metrics`)).value(name);

  async function open(bytes = ''): Promise<Socket> {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    cleanUp.add({ close: () => socket.destroy() });
    await once(socket, 'connect');
    if (bytes) socket.write(bytes);
    return socket;
  }

  /** The answer to a request on a connection of its own, as curl makes it, and how long it took. */
  async function ask(
    path: string,
    { headers, ...init }: Init = {},
  ): Promise<{ status: number; ms: number }> {
    const begun = performance.now();
    const answer = await fetch(service.url + path, {
      ...init,
      headers: { connection: 'close', ...headers },
    });
    await answer.arrayBuffer();
    return { status: answer.status, ms: performance.now() - begun };
  }

  const asks: [string, number, () => Promise<{ status: number; ms: number }>][] = [
    ['liveness', 200, () => ask('/health/live')],
    ['readiness', 200, () => ask('/health/ready')],
    ['a poll', 404, () => ask(`/api/v1/clusters/${pin}/keys/master_ip`)],
    [
      'a wait, which is not held',
      404,
      () => ask(`/api/v1/clusters/${pin}/keys/master_ip`, { headers: { prefer: 'wait=25' } }),
    ],
    [
      'a post',
      201,
      async () =>
        ask(`/api/v1/clusters/${pin}/keys`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ key: `key-${performance.now()}`.replace('.', '-'), value: 'x' }),
        }),
    ],
  ];

  it.each(asks)(`answers %s with %i within ${PROMPT_MS} ms`, async (_, status, answer) => {
    const times = [];
    for (let n = 0; n < TRIES; n++) {
      const { status: answered, ms } = await answer();
      expect(answered).toBe(status);
      times.push(ms);
    }
    expect(median(times)).toBeLessThan(PROMPT_MS);
  });

  it.each([
    ['requests that Node reads', () => '/health/live'],
    ['polls', () => `/api/v1/clusters/${pin}/keys/master_ip`],
  ])(
    'closes idle connections of %s where new ones come, and goes on answering',
    async (_, path) => {
      for (let n = 0; n < 3 * RESERVE; n++) {
        const socket = await open(`GET ${path()} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await once(socket.resume(), 'data').catch(() => undefined); // unless it is closed
        if (n % RESERVE === 0) await delay(1_100); // they are closed once a second
      }
      expect((await ask('/health/live')).status).toBe(200);
      expect(await metric('pairing_held_requests')).toBe(HELD);
    },
  );

  it('closes what goes beyond that at once, counts it, and says so once', async () => {
    // They say nothing, so they are not idle but slow.
    for (let n = 0; n < 2 * RESERVE; n++) await open();
    await until('connections to be dropped', async () => {
      return (await metric('pairing_connections_dropped_total'))! >= RESERVE;
    });
    expect(await metric('pairing_connections')).toBe(HELD + RESERVE);
    expect(await metric('pairing_connections_limit')).toBe(HELD + RESERVE);
    const warnings = service.output.match(/All 80 connections are in use/g);
    expect(warnings).toHaveLength(1);
  });

  it('answers probes on the port of the metrics even then', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const begun = performance.now();
      const answer = await fetch(metricsUrl + path);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ status: 'up' });
      expect(performance.now() - begun).toBeLessThan(PROMPT_MS);
    }
    expect((await fetch(`${metricsUrl}/x`)).status).toBe(404);
  });
});
