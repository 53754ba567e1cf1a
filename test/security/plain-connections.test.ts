import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { MAX_VALUE_LENGTH } from '../../src/keys/key.js';
import { KeyCache } from '../../src/keys/key-cache.js';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { until } from '../support/process.js';
import { sendOnly } from '../support/raw-http.js';

const FOUND = /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\na: 10\.0\.0\.1$/;

describe('A connection with polls, which Node’s parser does not read,', () => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let service: InProcessService;
  let server: ReturnType<InProcessService['app']['getHttpServer']>;
  /** Those of the service, by the port of the client. */
  const sockets = new Map<number, Socket>();
  let parsed = 0;
  let pin: string;
  let poll: string;
  beforeAll(async () => {
    service = cleanUp.add(await InProcessService.start(clock));
    server = service.app.getHttpServer();
    server.on('request', () => parsed++);
    server.on('connection', (socket: Socket) => sockets.set(socket.remotePort!, socket));
    pin = await service.issuePin();
    await service.addKey(pin, 'a', '10.0.0.1');
    await service.addKey(pin, 'big', '€'.repeat(MAX_VALUE_LENGTH));
    poll = get('a');
  });
  afterAll(() => cleanUp.run());
  beforeEach(async () => {
    // Otherwise the first poll of a key is passed on, and its connection left to Node.
    for (const key of ['a', 'later', 'third', 'absent']) {
      await service.get(KeyCache).get(pin, key);
    }
    parsed = 0;
  });

  const get = (key: string, headers = '') =>
    `GET /api/v1/clusters/${pin}/keys/${key} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
  const ask = async (socket: Socket, bytes: string): Promise<string> => {
    socket.resume().write(bytes);
    return String(((await once(socket, 'data')) as [Buffer])[0]);
  };

  it('answers one after another', async () => {
    const socket = await sendOnly(service.url, '');
    for (let n = 0; n < 3; n++) expect(await ask(socket, poll)).toMatch(FOUND);
    expect(parsed).toBe(0);
    socket.destroy();
  });

  it('is closed after the announced time when it is idle', async () => {
    const { keepAliveTimeout, keepAliveTimeoutBuffer } = server;
    server.keepAliveTimeout = 50; // so that nobody has to wait for the usual ones
    server.keepAliveTimeoutBuffer = 50;
    const socket = await sendOnly(service.url, '');
    await ask(socket, poll);
    Object.assign(server, { keepAliveTimeout, keepAliveTimeoutBuffer });
    await ask(socket, poll);
    await once(socket, 'close');
    expect(parsed).toBe(0);
  });

  it('is kept while a request is held for longer than that', async () => {
    const { keepAliveTimeout, keepAliveTimeoutBuffer } = server;
    server.keepAliveTimeout = server.keepAliveTimeoutBuffer = 50;
    const socket = await sendOnly(service.url, '');
    await ask(socket, poll);
    Object.assign(server, { keepAliveTimeout, keepAliveTimeoutBuffer });
    const answer = ask(socket, get('later', 'Prefer: wait=60\r\n'));
    await delay(300);
    await service.addKey(pin, 'later', 'x');
    expect(await answer).toContain('later: x');
    await once(socket, 'close');
  });

  it('is left to Node when it says nothing for a second', async () => {
    const socket = await sendOnly(service.url, '');
    await until('it to be left', () => 'parser' in (sockets.get(socket.localPort!) ?? {}));
    expect(await ask(socket, poll)).toMatch(FOUND);
    expect(parsed).toBe(1);
    socket.destroy();
  });

  it('answers a request that arrives in pieces', async () => {
    const cuts = fc.uniqueArray(fc.nat(poll.length), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const socket = (await sendOnly(service.url, '')).setNoDelay();
        const answer = once(socket.resume(), 'data');
        const ends = [...at.toSorted((a, b) => a - b), poll.length];
        let start = 0;
        for (const end of ends) {
          socket.write(poll.slice(start, end));
          start = end;
          await delay(1);
        }
        expect(String(((await answer) as [Buffer])[0])).toMatch(FOUND);
        socket.destroy();
      }),
      { numRuns: 50 },
    );
  });

  it('is closed after the answer if the client asks for that', async () => {
    const socket = await sendOnly(service.url, get('a', 'Connection: close\r\n'));
    const answer = await text(socket);
    expect(answer).toMatch(FOUND);
    expect(answer).toMatch(/^Connection: close\r$/m);
    expect(parsed).toBe(0);
  });

  it('answers a client that has closed its side', async () => {
    const socket = await sendOnly(service.url, '');
    socket.end(poll);
    expect(await text(socket)).toMatch(FOUND);
  });

  it('answers all requests of a client that has closed its side', async () => {
    const store = service.get(ClusterStore);
    const read = store.key.bind(store);
    const slow = jest.spyOn(store, 'key').mockImplementation(async (...args) => {
      await delay(100);
      return read(...args);
    });
    clock.advance(1_000); // so that the key is read again
    const socket = (await sendOnly(service.url, poll)).setNoDelay();
    await until('the read to begin', () => slow.mock.calls.length > 0);
    socket.end(poll);
    expect((await text(socket)).match(/a: 10\.0\.0\.1/g)).toHaveLength(2);
    expect(parsed).toBe(0);
    slow.mockRestore();
  });

  it('frees the place of a held request whose client closes its side', async () => {
    const socket = await sendOnly(service.url, get('absent', 'Prefer: wait=60\r\n'));
    await until('it to be held', () => service.get(HeldRequests).count === 1);
    socket.end();
    await until('the place to be free', () => service.get(HeldRequests).count === 0);
    expect(await text(socket)).toBe('');
  });

  it.each([
    [
      'a request that Node must read',
      'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n',
      /"status":"up"/,
    ],
    ['no request', 'x\r\n\r\n', /^HTTP\/1\.1 400 /m],
  ])('may go on with %s', async (_, next, expected) => {
    const socket = await sendOnly(service.url, '');
    expect(await ask(socket, poll)).toMatch(FOUND);
    expect(await ask(socket, next)).toMatch(expected);
    socket.destroy();
  });

  it('serves in turn what comes while a request is held', async () => {
    const socket = (await sendOnly(service.url, get('third', 'Prefer: wait=60\r\n'))).setNoDelay();
    await until('it to be held', () => service.get(HeldRequests).count === 1);
    socket.write(poll);
    await delay(20);
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await delay(20);
    await service.addKey(pin, 'third', 'x');
    const answers = await text(socket);
    expect(answers.match(/third: x|a: 10\.0\.0\.1|"status":"up"/g)).toEqual([
      'third: x',
      'a: 10.0.0.1',
      '"status":"up"',
    ]);
  });

  it('is closed when too much comes while a request is held', async () => {
    const socket = await sendOnly(service.url, get('absent', 'Prefer: wait=60\r\n'));
    await until('it to be held', () => service.get(HeldRequests).count === 1);
    const closed = once(socket.resume(), 'close');
    for (let n = 0; n < 40 && socket.writable; n++) {
      socket.write('x'.repeat(1_024));
      await delay(1);
    }
    await closed;
    await until('the place to be free', () => service.get(HeldRequests).count === 0);
    expect(parsed).toBe(0);
  });

  /** Sends polls with long answers and reads none, until this is so. Resolves to the most bytes that waited to be sent. */
  async function sendUntil(
    socket: Socket,
    isEnough: (own: Socket) => boolean | Promise<boolean>,
  ): Promise<number> {
    await until('it to be open', () => sockets.has(socket.localPort!));
    const own = sockets.get(socket.localPort!)!;
    let most = 0;
    for (let sent = 0; !(await isEnough(own)); sent++) {
      expect(sent).toBeLessThan(50_000);
      await service.get(KeyCache).get(pin, 'big');
      const { bytesRead } = own;
      socket.write(get('big'));
      // So that each comes in a packet of its own, unless nothing is read any more.
      for (let turn = 0; turn < 10 && own.bytesRead === bytesRead; turn++) await nextTurn();
      await nextTurn(); // for the answer
      most = Math.max(most, own.writableLength);
    }
    return most;
  }

  it('is closed, with few answers in memory, when its client goes on without reading them', async () => {
    const socket = (await sendOnly(service.url, '')).setNoDelay();
    const most = await sendUntil(socket, ({ destroyed }) => destroyed);
    expect(most).toBeGreaterThan(0); // the kernel took no more
    expect(most).toBeLessThan(100_000);
  });

  it('is closed when the service stops, without waiting for a client that does not read', async () => {
    const idle = await sendOnly(service.url, '');
    await ask(idle, poll);
    const closed = once(idle, 'close');
    const unread = (await sendOnly(service.url, '')).setNoDelay();
    await sendUntil(unread, async (own) => {
      if (own.writableLength > 0) await delay(100); // the kernel may take more a moment later
      return own.writableLength > 0;
    });
    expect(parsed).toBe(0);
    const begun = performance.now();
    await service.app.close();
    await closed;
    expect(performance.now() - begun).toBeLessThan(4_000); // not after the time that requests in flight have
    unread.destroy();
  });
});
