// Measures the memory of the service under mixed traffic, with the chart's limit of the heap: node bench/run-soak.ts [minutes]
// Ends with 1 unless the memory stays flat.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { memoryOf } from '../dev/load/memory.ts';
import { soak } from '../dev/load/soak.ts';
import { median } from '../dev/load/statistics.ts';
import { Stage } from './stage.ts';

/** At least 2: the first is not judged. */
const minutes = Number(process.argv[2] ?? 10);
const REST_MS = 30_000;
/** The time in which caches, compiled code and the pools of malloc are still growing. */
const WARM_UP_S = 60;
/** Less than what a leak of ten bytes a request takes in ten minutes; more than what a heap breathes. */
const FLAT_MIB = 8;

const stage = await Stage.open(Number(process.env.PORT ?? 3950));
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await stage.close();
}

/** Returns whether the memory stayed flat. */
async function run(): Promise<boolean> {
  const maxHeapMiB = await chartHeapMiB();
  const service = await stage.service({
    REDIS_URL: await stage.redis(),
    LOG_LEVEL: 'error',
    NODE_OPTIONS: `--max-old-space-size=${maxHeapMiB}`,
  });
  console.log(`heap limit    ${maxHeapMiB} MiB`);
  console.log(`idle          ${(await memoryOf(service.pid)).toFixed(0)} MiB`);

  const memory: number[] = [];
  let requests = 0;
  for await (const sample of soak(service, 60 * minutes)) {
    memory.push(sample.memoryMiB);
    requests += sample.requests;
    if (memory.length % 60 > 0) continue;
    const perSecond = (requests / 60).toFixed(0);
    console.log(
      `minute ${memory.length / 60}`.padEnd(14) +
        `${median(memory.slice(-60)).toFixed(0)} MiB  ${perSecond} requests/s`,
    );
    requests = 0;
  }

  const warm = memory.slice(WARM_UP_S);
  const quarter = Math.floor(warm.length / 4);
  const [early, late] = [median(warm.slice(0, quarter)), median(warm.slice(-quarter))];
  const isFlat = late - early <= FLAT_MIB;
  console.log(
    (isFlat ? 'flat' : 'GROWS').padEnd(14) +
      `${early.toFixed(0)} to ${late.toFixed(0)} MiB from the first to the last quarter after warming up; at most ${FLAT_MIB} MiB more is flat`,
  );

  await delay(REST_MS);
  console.log(`idle again    ${(await memoryOf(service.pid)).toFixed(0)} MiB`);
  return isFlat;
}

/** `maxHeapMiB` of the chart. */
async function chartHeapMiB(): Promise<number> {
  const values = await readFile('helm/cluster-pairing/values.yaml', 'utf8');
  return (parse(values) as { maxHeapMiB: number }).maxHeapMiB;
}
