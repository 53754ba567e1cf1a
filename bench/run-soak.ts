// Soaks the service for some minutes and tells what memory it held: node bench/run-soak.ts [minutes]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDevelopmentService } from '../dev/service.ts';
import { memoryOf } from './memory.ts';
import { soak } from './soak.ts';
import { median } from './statistics.ts';

const minutes = Number(process.argv[2] ?? 10);
const PORT = Number(process.env.PORT ?? 3950);
const REST_MS = 30_000;
const folder = await mkdtemp(join(tmpdir(), 'pairing-soak-'));

const redisPort = String(PORT + 2);
const redis = spawn('redis-server', ['--port', redisPort, '--dir', folder, '--save', '']);
const redisEnded = once(redis, 'exit');
const service = await startDevelopmentService(
  PORT,
  {
    DATA_DIR: folder,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    LOG_LEVEL: 'error',
    MAX_LIVE_PINS_PER_USER: '100000',
    MAX_PINS_PER_HOUR: '9999999',
  },
  { stdio: ['ignore', 'ignore', 'inherit'], accessTokenSeconds: 60 * (minutes + 5) },
);
try {
  if (!(await service.ready)) throw new Error('The service ended.');
  await run(service.process.pid!);
} finally {
  await service.stop();
  redis.kill();
  await redisEnded;
  await rm(folder, { recursive: true });
}

async function run(pid: number): Promise<void> {
  const { url } = service;
  const token = await service.token('mcurie');
  console.log(`idle          ${(await memoryOf(pid)).toFixed(0)} MiB`);

  let minute: number[] = [];
  let [count, requests] = [0, 0];
  for await (const sample of soak({ url, pid, token }, 60 * minutes)) {
    minute.push(sample.memoryMiB);
    requests += sample.requests;
    if (minute.length < 60) continue;
    const perSecond = (requests / 60).toFixed(0);
    console.log(
      `minute ${++count}`.padEnd(14) + `${median(minute).toFixed(0)} MiB  ${perSecond} requests/s`,
    );
    [minute, requests] = [[], 0];
  }

  await delay(REST_MS);
  console.log(`idle again    ${(await memoryOf(pid)).toFixed(0)} MiB`);
}
