import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_PIPELINED, WRITE_DEADLINE_MS } from '../../src/http/connections.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { until } from '../support/process.js';
import { sendOnly } from '../support/raw-http.js';

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const LAST = 'Connection: close\r\n';

describe('A client that does not read', () => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock();
  let service: InProcessService;
  beforeAll(async () => {
    service = cleanUp.add(await InProcessService.start(clock));
  });
  afterAll(() => cleanUp.run());

  it(`is cut off ${WRITE_DEADLINE_MS / 1000} s after it was last sent something, and not before`, async () => {
    const big = get('/api/docs/swagger-ui-bundle.js').repeat(MAX_PIPELINED);
    const socket = await sendOnly(service.url, big);
    const connections = () =>
      new Promise<number>((resolve, reject) => {
        service.app.getHttpServer().getConnections((error: Error | null, count: number) => {
          if (error) reject(error);
          else resolve(count);
        });
      });
    await delay(2_000); // until the kernel takes no more, and that is seen
    clock.advance(WRITE_DEADLINE_MS - 1);
    await delay(1_500);
    expect(await connections()).toBe(1);
    clock.advance(1);
    await until('the connection to be closed', async () => (await connections()) === 0);
    socket.destroy();
  });

  it('but slowly is served to the end', async () => {
    const socket = await sendOnly(
      service.url,
      get('/api/docs/swagger-ui-bundle.js').repeat(MAX_PIPELINED - 1) +
        get('/api/docs/swagger-ui-bundle.js', LAST),
    );
    await delay(1_500);
    clock.advance(WRITE_DEADLINE_MS - 1);
    const all = await text(socket);
    expect(all.match(/HTTP\/1.1 200 OK/g)).toHaveLength(MAX_PIPELINED);
  });
});
