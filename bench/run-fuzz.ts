import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentService } from '../dev/service.ts';
import { fuzz } from '../dev/load/fuzz.ts';
import { memoryOf } from '../dev/load/memory.ts';

// Sends random and malformed requests to the embedded service: run-fuzz.ts [minutes] [seed]

const [minutes = '10', first = String(Date.now() % 1_000_000_000)] = process.argv.slice(2);
const ROUND = 10_000;

const probe = createServer();
await once(probe.listen(0, '127.0.0.1'), 'listening');
const { port } = probe.address() as { port: number };
probe.close();

const folder = await mkdtemp(join(tmpdir(), 'pairing-fuzz-'));
const service = await startDevelopmentService(
  port,
  {
    DATA_DIR: folder,
    LOG_LEVEL: 'fatal',
    TRUSTED_PROXIES: '1',
    MAX_LIVE_PINS_PER_USER: '100000',
    MAX_PINS_PER_HOUR: '9999999',
  },
  { stdio: ['ignore', 'ignore', 'inherit'], accessTokenSeconds: 24 * 3600 },
);
let failed = 0;
try {
  if (!(await service.ready)) throw new Error('The service did not start.');
  const token = await service.token('fuzz');
  const until = Date.now() + Number(minutes) * 60_000;
  for (let seed = Number(first), sent = 0; Date.now() < until; seed += ROUND) {
    const failures = await fuzz({ url: service.url, token }, seed, ROUND);
    failed += failures.length;
    for (const failure of failures) console.log(JSON.stringify(failure));
    const memory = Math.round(await memoryOf(service.process.pid!));
    console.log(`seed ${seed}: ${(sent += ROUND)} requests, ${failed} failures, ${memory} MiB`);
  }
} finally {
  await service.stop();
  await rm(folder, { recursive: true });
}
process.exitCode = failed === 0 ? 0 : 1;
