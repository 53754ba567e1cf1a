import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { durationIn } from './duration.ts';
import type { Server } from './stage.ts';

// Thousands of connections cost a client in Node more than the server, and both share the cores of the machine. h2load
// (Debian's nghttp2-client) costs little.

const run = promisify(execFile);
/** Fewer than the backlog of the service at a time. */
const CONNECTIONS_PER_SECOND = 5_000;
const SETTLE_MS = 1_000;

/**
 * As many machines as `count` connect at once, and each fetches these paths one after another. Resolves to the time
 * until the last one has them all, in ms. Throws if an answer is not a 200.
 */
export async function timeUntilAllHave(
  { url }: Server,
  paths: readonly string[],
  count: number,
): Promise<number> {
  const urls = paths.map((path) => `${url}${path}`);
  return durationIn(await h2load(urls, count, []), 'finished in');
}

/**
 * As many machines as `count` connect to each of these URLs, and wait there. Resolves to the time from the start of
 * `release` until each answer, in ms. Throws if an answer is not a 200.
 */
export async function delaysOfWaiting(
  urls: readonly string[],
  count: number,
  release: () => Promise<unknown>,
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pairing-waiting-'));
  try {
    const logs = urls.map((_, n) => join(folder, String(n)));
    const rate = ['-r', String(CONNECTIONS_PER_SECOND / 10), '--rate-period=100ms'];
    const ended = Promise.all(
      urls.map((url, n) =>
        h2load([url], count, ['-H', 'Prefer: wait=120', `--log-file=${logs[n]}`, ...rate]),
      ),
    );
    ended.catch(() => undefined); // it is awaited in the end
    await delay((count / CONNECTIONS_PER_SECOND) * 1_000 + SETTLE_MS);
    const start = performance.timeOrigin + performance.now();
    await release();
    await ended;
    return (await Promise.all(logs.map(endsOfRequests))).flat().map((end) => end - start);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** When each request of a log of h2load ended, in ms since the epoch. A line has its start, its status and its time. */
async function endsOfRequests(log: string): Promise<number[]> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => {
    const [startUs, , us] = line.split('\t').map(Number);
    return (startUs! + us!) / 1_000;
  });
}

async function h2load(
  urls: readonly string[],
  connections: number,
  options: readonly string[],
): Promise<string> {
  const count = urls.length * connections;
  const args = ['--h1', '-t', '1', '-c', String(connections), '-n', String(count), ...options];
  const { stdout } = await run('h2load', [...args, '-H', 'Accept: text/plain', ...urls]);
  if (!stdout.includes(`status codes: ${count} 2xx,`)) {
    throw new Error(`Not every answer was a 200:\n${stdout}`);
  }
  return stdout;
}
