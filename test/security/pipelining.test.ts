import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memoryOf } from '../../dev/load/memory.js';
import { MAX_PIPELINED } from '../../src/http/connections.js';
import { CleanUp } from '../support/clean-up.js';
import { Scrape } from '../support/metrics.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { sendOnly, sendRaw } from '../support/raw-http.js';
import { type Service, startService } from '../support/service.js';

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const LAST = 'Connection: close\r\n';

describe('On one connection', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let metricsUrl: string;
  let pin: string;
  beforeAll(async () => {
    const port = String(await freePort());
    metricsUrl = `http://127.0.0.1:${port}/metrics`;
    service = cleanUp.add(await startService({ METRICS_PORT: port }));
    pin = await service.issuePin();
  });
  afterAll(() => cleanUp.run());

  it('requests sent together are served in turn, each when the one before is answered', async () => {
    const path = `/api/v1/clusters/${pin}/keys`;
    const body = JSON.stringify({ key: 'in_turn', value: 'x' });
    const answer = await sendRaw(
      service.url,
      get(`${path}/in_turn`) +
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        get(`${path}/in_turn`) +
        `DELETE ${path}/in_turn HTTP/1.1\r\nHost: x\r\n\r\n` +
        get(`${path}/in_turn`, LAST),
    );
    expect(answer.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual(['404', '201', '200', '204', '404']);
  });

  it('all are answered that may be in line', async () => {
    const requests = get('/health/live').repeat(MAX_PIPELINED) + get('/health/live', LAST);
    const answer = await sendRaw(service.url, requests);
    expect(answer.match(/HTTP\/1.1 200 OK/g)).toHaveLength(MAX_PIPELINED + 1);
  });

  it('10 000 waits take one place of those that may be held, and end the connection', async () => {
    const held = async () => (await Scrape.of(metricsUrl)).value('pairing_held_requests');
    const wait = get(`/api/v1/clusters/${pin}/keys/master_ip`, 'Prefer: wait=25\r\n');
    const socket = await sendOnly(service.url, wait);
    await until('the first to be held', async () => (await held()) === 1);
    socket.write(wait.repeat(MAX_PIPELINED));
    await delay(200);
    expect(await held()).toBe(1);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume().write(wait.repeat(10_000));
    await closed;
    await until('the place to be free', async () => (await held()) === 0);
  });

  it.each([
    ['/api/docs'],
    ['/api/docs-json'],
    ['/'],
    ['/api/docs/swagger-ui-bundle.js'],
    ['/health/ready'],
    ['/api/v1/clusters/{pin}'],
    ['/api/v1/clusters/{pin}/keys'],
    ['/api/v1/clusters/{pin}/keys/x'],
    ['/api/v1/clusters/{pin}/events'],
    ['/api/v1/issuances'],
    ['/sign-in'],
    ['/nothing'],
    ['/%zz'],
  ])('1 000 requests for %s whose answers are not read cost next to nothing', async (path) => {
    const { pid } = service.program;
    await (await fetch(service.url + path.replace('{pin}', 'abcdefghijkl'))).arrayBuffer(); // is read once
    const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
    const [open, mib] = [descriptors(), await memoryOf(pid)];
    const requests = get(path.replace('{pin}', pin)).repeat(1_000);
    const sockets = await Promise.all(
      Array.from({ length: 6 }, () => sendOnly(service.url, requests)),
    );
    await delay(300);
    expect(descriptors()).toBeLessThanOrEqual(open + sockets.length + 2);
    expect((await memoryOf(pid)) - mib).toBeLessThan(60);
    for (const socket of sockets) socket.destroy();
  });
});
