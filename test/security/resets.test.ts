import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inLanes } from '../../dev/load/lanes.js';
import { generatePin } from '../../src/clusters/pin.js';
import { apiOf } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { Scrape } from '../support/metrics.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { type Service, startService } from '../support/service.js';

const CONNECTIONS = 3_000;
const AT_ONCE = 50;
const MAX_MS = 3;
const LIVE_PINS = 40;
const TIMEOUT_MS = 60_000;

/** Makes a request for a PIN. */
type Make = (pin: string) => string;

const body = JSON.stringify({ key: 'master_ip', value: '10.10.25.5' });
const withBody = (method: string, path: string): Make => {
  const type = 'Content-Type: application/json\r\n';
  return (pin) =>
    `${method} ${path.replace('{pin}', pin)} HTTP/1.1\r\nHost: x\r\n${type}X-Forwarded-For: ${anyAddress()}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
};
const plain = (method: string, path: string, headers = ''): Make => {
  return (pin) =>
    `${method} ${path.replace('{pin}', pin)} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${anyAddress()}\r\n${headers}\r\n`;
};
const anyAddress = () => `10.${pick(256)}.${pick(256)}.${pick(256)}`;
const pick = (below: number) => Math.floor(Math.random() * below);

const deletion = plain('DELETE', '/api/v1/clusters/{pin}');

const routes: Make[] = [
  plain('GET', '/api/v1/clusters/{pin}'),
  deletion,
  plain('GET', '/api/v1/clusters/{pin}/keys'),
  withBody('POST', '/api/v1/clusters/{pin}/keys'),
  plain('GET', '/api/v1/clusters/{pin}/keys/master_ip'),
  plain('GET', '/api/v1/clusters/{pin}/keys/master_ready', 'Prefer: wait=25\r\n'),
  plain('HEAD', '/api/v1/clusters/{pin}/keys/master_ip'),
  withBody('PUT', '/api/v1/clusters/{pin}/keys/master_ip'),
  withBody('PATCH', '/api/v1/clusters/{pin}/keys/master_ip'),
  plain('DELETE', '/api/v1/clusters/{pin}/keys/master_ip'),
  plain('GET', '/api/v1/clusters/{pin}/events'),
  withBody('POST', '/api/v1/clusters'),
  plain('GET', '/api/v1/issuances'),
  plain('DELETE', '/api/v1/issuances/uV3VwX0GqgbeHNhFbVQXhA'),
  plain('GET', '/'),
  withBody('POST', '/'),
  plain('GET', '/sign-in'),
  plain('GET', '/api/docs'),
  plain('GET', '/api/docs-json'),
  plain('GET', '/health/live'),
  plain('GET', '/health/ready'),
  plain('GET', '/x'),
  plain('OPTIONS', '/api/v1/clusters'),
];

describe.each(['Redis', 'the embedded store'])('With clusters in %s', (store) => {
  describe.each([
    ['no trusted proxy', '0'],
    ['one trusted proxy', '1'],
    ['proxies trusted by their addresses', '127.0.0.1,::1'],
  ])('and %s', (_, trusted) => {
    const cleanUp = new CleanUp();
    let service: Service;
    beforeAll(async () => {
      const redis = store === 'Redis' ? cleanUp.add(await RedisServer.start()) : undefined;
      service = cleanUp.add(
        await startService({ TRUSTED_PROXIES: trusted, ...(redis && { REDIS_URL: redis.url }) }),
      );
    });
    afterAll(() => cleanUp.run());

    it(
      `${CONNECTIONS} connections that are reset at once or soon, on any route, harm nothing`,
      async () => {
        const live: string[] = [];
        for (let n = 0; n < LIVE_PINS; n++) live.push(await service.issuePin());
        await inLanes(CONNECTIONS, AT_ONCE, async () => {
          const pin = pick(2) === 0 ? generatePin() : live[pick(LIVE_PINS)]!;
          await reset(service, routes[pick(routes.length)]!(pin), pick(MAX_MS + 1));
        });

        expect(service.program.running).toBe(true);
        expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
        const log = () => stripVTControlCharacters(service.output);
        const deletions = () =>
          log()
            .split(/^(?=\[)/m)
            .filter((line) => line.includes('audit: "delete"'));
        await until('a deletion on record', async () => {
          await reset(service, deletion(await service.issuePin()), MAX_MS);
          return deletions().length > 0;
        });
        expect(log()).not.toMatch(/ERROR|FATAL/);
        for (const line of deletions()) expect(line).toMatch(/address: "[\d.]+"/);
      },
      TIMEOUT_MS,
    );

    it('a guesser is counted that reads no answer', async () => {
      const headers = { 'x-forwarded-for': '203.0.113.7' };
      const guess = `GET /api/v1/clusters/{pin} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n`;
      let status = 0;
      // The limit is 20 guesses. A loaded service may see a reset before the guess, so there are more of them.
      for (let looks = 0; status !== 429 && looks < 10; looks++) {
        for (let n = 0; n < 40; n++) {
          await reset(service, guess.replace('{pin}', generatePin()), MAX_MS);
        }
        ({ status } = await apiOf(service.url)(`/clusters/${generatePin()}`, { headers }));
      }
      expect(status).toBe(429);
    });
  });
});

describe('A client that resets its connection while the store is slow', () => {
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  it('keeps no place among the held requests', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const metricsPort = String(await freePort());
    const service = cleanUp.add(
      await startService({
        REDIS_URL: redis.url,
        METRICS_PORT: metricsPort,
        MAX_WAIT_SECONDS: '300',
      }),
    );
    const pin = await service.issuePin();
    const metrics = () => Scrape.of(`http://127.0.0.1:${metricsPort}/metrics`);
    const requests = [
      plain('GET', '/api/v1/clusters/{pin}/events'),
      plain('GET', '/api/v1/clusters/{pin}/keys/master_ready', 'Prefer: wait=300\r\n'),
    ];
    redis.signal('SIGSTOP');
    const resets = requests.map((request) => reset(service, request(pin), 200));
    await Promise.all(resets);
    await delay(200); // the service notices the resets before the store answers
    redis.signal('SIGCONT');
    const { status } = await service.api(`/clusters/${pin}`); // is answered after them
    expect(status).toBe(200);
    await delay(500);
    expect((await metrics()).value('pairing_held_requests')).toBe(0);
  });
});

/** Sends a request, and resets the connection (SO_LINGER 0) after so many milliseconds. */
async function reset({ url }: Service, bytes: string, ms: number): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  if (ms > 0) await delay(ms);
  socket.resetAndDestroy();
}
