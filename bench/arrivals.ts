import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from './stage.ts';

/**
 * New machines that arrive evenly within `withinMs`, each with a connection of its own, and fetch these paths one after
 * another. Resolves to the time of each from its arrival until it has all, in ms. Throws if an answer is not a 200.
 */
export async function arrive(
  { url }: Pick<Server, 'url'>,
  paths: readonly string[],
  count: number,
  withinMs: number,
): Promise<number[]> {
  const requests = paths.map(
    (path) => `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\n\r\n`,
  );
  const port = Number(new URL(url).port);
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      await delay((n * withinMs) / count);
      return fetchAll(port, requests);
    }),
  );
}

function fetchAll(port: number, requests: readonly string[]): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let next = 0;
    const ask = () => socket.write(requests[next++]!);
    socket.on('connect', ask);
    // Answers are so short that each arrives whole.
    socket.setEncoding('latin1').on('data', (answer: string) => {
      if (!answer.startsWith('HTTP/1.1 200 ')) {
        reject(new Error(`A new machine was answered: ${answer}`));
      } else if (next < requests.length) return void ask();
      socket.destroy();
      resolve(performance.now() - start);
    });
    socket.on('error', reject);
  });
}
