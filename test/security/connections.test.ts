import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tcpTimer } from '../support/tcp-timer.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';

describe('A connection', () => {
  const cleanUp = new CleanUp();
  let server: ReturnType<InProcessService['app']['getHttpServer']>;
  beforeAll(async () => {
    const service = cleanUp.add(await InProcessService.start(new MovableClock()));
    server = service.app.getHttpServer();
  });
  afterAll(() => cleanUp.run());

  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const ask = async (socket: Socket): Promise<string> => {
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  };

  it('that is idle is closed after the announced time', async () => {
    expect(server.keepAliveTimeout).toBe(75_000);
    server.keepAliveTimeout = 100; // so that nobody has to wait for that
    const socket = await open();
    const closed = once(socket, 'close');
    expect(await ask(socket)).toMatch(/^HTTP\/1.1 200 OK/);
    await closed;
  });

  it('that is silent is kept in the tables of NATs by TCP keep-alive, within a minute', async () => {
    const socket = await open();
    await ask(socket);
    const { timer, dueMs } = tcpTimer((server.address() as AddressInfo).port, socket.localPort!);
    expect(timer).toBe('keep-alive');
    expect(dueMs).toBeGreaterThan(50_000);
    expect(dueMs).toBeLessThanOrEqual(60_000);
    socket.destroy();
  });
});
