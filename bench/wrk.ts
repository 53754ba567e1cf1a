import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cpuWhile } from '../dev/load/cpu.ts';
import { durationIn } from './duration.ts';
import type { Server } from './stage.ts';

const run = promisify(execFile);
export const CONNECTIONS = 64;
export const SECONDS = 3;

/** What wrk measured. */
export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The CPU time of the server for each request, in microseconds. */
  readonly cpuUs: number;
}

/** Polls these paths in turn, at full speed. Throws unless every answer is of this kind. */
export function poll(
  server: Server,
  paths: readonly string[],
  expected: 'hit' | 'miss',
): Promise<Load> {
  return load(server, 'bench/in-turn.lua', paths, expected);
}

/** Reads a key of etcd through its HTTP gateway, at full speed. */
export function readEtcd(server: Server, key: string): Promise<Load> {
  return load(server, 'bench/etcd-range.lua', [Buffer.from(key).toString('base64')], 'hit');
}

async function load(
  { url, pid }: Server,
  script: string,
  args: readonly string[],
  expected: 'hit' | 'miss',
): Promise<Load> {
  const options = `-t 1 -c ${CONNECTIONS} -d ${SECONDS}s --latency -s ${script} ${url} --`.split(
    ' ',
  );
  let stdout = '';
  const cpuUs = await cpuWhile([pid], async () => {
    ({ stdout } = await run('wrk', ['-H', 'Accept: text/plain', ...options, ...args]));
  });
  const count = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0);
  const all = count(/(\d+) requests in/);
  const refused = count(/Non-2xx or 3xx responses: (\d+)/);
  if (/Socket errors/.test(stdout) || refused !== (expected === 'hit' ? 0 : all)) {
    throw new Error(`Not every answer was a ${expected}:\n${stdout}`);
  }
  return {
    perSecond: count(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: durationIn(stdout, '50%'),
    p99Ms: durationIn(stdout, '99%'),
    cpuUs: cpuUs / all,
  };
}
