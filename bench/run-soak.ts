// Measures the memory of the service under mixed traffic: node bench/run-soak.ts [minutes]
import { setTimeout as delay } from 'node:timers/promises';
import { memoryOf } from '../dev/load/memory.ts';
import { soak } from '../dev/load/soak.ts';
import { Stage } from './stage.ts';
import { median } from '../dev/load/statistics.ts';

const minutes = Number(process.argv[2] ?? 10);
const REST_MS = 30_000;

const stage = await Stage.open(Number(process.env.PORT ?? 3950));
try {
  await run();
} finally {
  await stage.close();
}

async function run(): Promise<void> {
  const service = await stage.service({ REDIS_URL: await stage.redis(), LOG_LEVEL: 'error' });
  console.log(`idle          ${(await memoryOf(service.pid)).toFixed(0)} MiB`);

  let minute: number[] = [];
  let [count, requests] = [0, 0];
  for await (const sample of soak(service, 60 * minutes)) {
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
  console.log(`idle again    ${(await memoryOf(service.pid)).toFixed(0)} MiB`);
}
