// A master and three workers pair, as images in the field do: node dev/demo.ts
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchToken } from './fetch-token.ts';
import { bootFieldVm, contextOf } from './field-vm.ts';
import { startIdentityProvider } from './identity-provider.ts';
import { waitFor } from './wait-for.ts';

const PORT = Number(process.env.PORT ?? 3900);
const CLIENT_ID = 'cluster-pairing';
const url = `http://localhost:${PORT}`;
const redirectUri = `${url}/api/docs/oauth2-redirect.html`;
const folder = await mkdtemp(join(tmpdir(), 'pairing-demo-'));

const provider = await startIdentityProvider({
  port: PORT + 1,
  clientId: CLIENT_ID,
  redirectUris: [redirectUri],
});
const service = spawn(process.execPath, ['dist/main.js'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PORT: String(PORT),
    DATA_DIR: join(folder, 'data'),
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT_ID,
    LOG_LEVEL: 'error',
  },
});
const ended = once(service, 'exit');
try {
  if (!(await waitFor(`${url}/health/ready`, service))) throw new Error('The service ended.');
  await pair();
} finally {
  service.kill();
  await ended;
  await provider.close();
  await rm(folder, { recursive: true });
}

async function pair(): Promise<void> {
  say('A person signs in and issues a PIN.');
  const token = await fetchToken({
    issuer: provider.issuer,
    clientId: CLIENT_ID,
    redirectUri,
    user: 'mcurie',
  });
  const issued = await call('POST', '/clusters', undefined, { authorization: `Bearer ${token}` });
  const { pin } = JSON.parse(issued) as { pin: string };
  show(issued);

  say('Three workers boot, and find no master yet.');
  const workers = [1, 2, 3].map((n) => bootFieldVm(join(folder, `w${n}`), contextOf({ pin, url })));
  show(await readFile(workers[0]!.userData, 'utf8'));

  say('The master boots and posts its address.');
  const master = bootFieldVm(join(folder, 'master'), contextOf({ pin, url, master: true }));
  show(await master.console);
  show(await call('GET', `/clusters/${pin}`));

  say('The master has booted, and says so.');
  show(await call('POST', `/clusters/${pin}/keys`, { key: 'master_ready', value: 'true' }));

  say('The workers fetch the address and go on booting.');
  for (const [index, worker] of workers.entries()) {
    show(`worker ${index + 1}: ${await worker.console}`);
    show(await readFile(worker.userData, 'utf8'));
  }
}

async function call(method: string, path: string, json?: object, headers = {}): Promise<string> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...(json && { 'content-type': 'application/json' }), ...headers },
    ...(json && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} answered ${response.status}: ${text}`);
  return text;
}

function say(what: string): void {
  console.log(`\n• ${what}`);
}

function show(text: string): void {
  console.log(text.trim().replaceAll(/^/gm, '    '));
}
