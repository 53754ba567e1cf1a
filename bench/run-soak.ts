// Soaks the service for some minutes and tells what memory it held: node bench/run-soak.ts [minutes]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fetchToken } from '../dev/fetch-token.ts';
import { startIdentityProvider } from '../dev/identity-provider.ts';
import { waitFor } from '../dev/wait-for.ts';
import { median, memoryOf } from './memory.ts';
import { soak } from './soak.ts';

const minutes = Number(process.argv[2] ?? 10);
const PORT = Number(process.env.PORT ?? 3950);
const CLIENT_ID = 'cluster-pairing';
const REST_MS = 30_000;
const url = `http://127.0.0.1:${PORT}`;
const redirectUri = `${url}/api/docs/oauth2-redirect.html`;
const folder = await mkdtemp(join(tmpdir(), 'pairing-soak-'));

const provider = await startIdentityProvider({
  port: PORT + 1,
  clientId: CLIENT_ID,
  redirectUris: [redirectUri],
  accessTokenSeconds: 60 * (minutes + 5),
});
const redisPort = String(PORT + 2);
const redis = spawn('redis-server', ['--port', redisPort, '--dir', folder, '--save', '']);
const service = spawn(process.execPath, ['dist/main.js'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    PORT: String(PORT),
    DATA_DIR: folder,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT_ID,
    LOG_LEVEL: 'error',
  },
});
const ended = Promise.all([once(service, 'exit'), once(redis, 'exit')]);
try {
  if (!(await waitFor(`${url}/health/ready`, service))) throw new Error('The service ended.');
  await run(service.pid!);
} finally {
  service.kill();
  redis.kill();
  await ended;
  await provider.close();
  await rm(folder, { recursive: true });
}

async function run(pid: number): Promise<void> {
  const { issuer } = provider;
  const token = await fetchToken({ issuer, clientId: CLIENT_ID, redirectUri, user: 'mcurie' });
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
