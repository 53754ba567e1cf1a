import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Service, startService } from '../support/service.js';

const TIMEOUT_MS = 60_000;

const slow = [
  {
    how: 'in its headers',
    first: 'GET /health/live HTTP/1.1\r\nHost: x\r\n',
    piece: 'X-Drip: x\r\n',
  },
  {
    how: 'in its body',
    first:
      'POST /api/v1/clusters/abcdefghijkl/keys HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n' +
      'Content-Type: application/json\r\n\r\n',
    piece: 'x',
  },
  { how: 'and says nothing at all', first: '', piece: '' },
];

describe('A client that is slow on purpose is disconnected', () => {
  let service: Service;
  /** All are slow at the same time, which makes the tests faster. */
  let answers: Promise<string>[];
  let crowdClosed: Promise<unknown>;
  let readyAmongThem: number;
  beforeAll(async () => {
    service = await startService();
    answers = slow.map(({ first, piece }) => drip(first, piece));
    const crowd = Array.from({ length: 500 }, () => {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n');
      return socket.resume();
    });
    crowdClosed = Promise.all(crowd.map((socket) => once(socket, 'close')));
    readyAmongThem = (await fetch(`${service.url}/health/ready`)).status;
  });
  afterAll(() => service.stop());

  /** How the service ended the connection that was dripped on, a piece a second. */
  async function drip(first: string, piece: string): Promise<string> {
    const { port } = new URL(service.url);
    const socket: Socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined); // it may be reset as we write
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk));
    await once(socket, 'connect');
    if (first) socket.write(first);
    const dripping = setInterval(() => piece && socket.write(piece), 1_000);
    await once(socket, 'close');
    clearInterval(dripping);
    return answer;
  }

  it.each(slow.map(({ how }, n) => [how, n] as const))(
    '%s',
    async (_how, n) => {
      const answer = await answers[n]!;
      expect(answer === '' || answer.startsWith('HTTP/1.1 408 ')).toBe(true);
    },
    TIMEOUT_MS,
  );

  it('and idle connections are kept longer than a proxy reuses them', async () => {
    const { headers } = await fetch(`${service.url}/health/live`);
    expect(headers.get('keep-alive')).toBe('timeout=75');
  });

  it(
    'and five hundred of them do not slow others down',
    async () => {
      expect(readyAmongThem).toBe(200);
      await crowdClosed;
    },
    TIMEOUT_MS,
  );
});
