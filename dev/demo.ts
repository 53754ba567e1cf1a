// A master and three workers pair, as images in the field do and then with our agent: node dev/demo.ts
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bootAgentVm } from './agent-vm.ts';
import { bootFieldVm } from './field-vm.ts';
import { startDevelopmentService } from './service.ts';
import { contextOf } from './vm.ts';

const folder = await mkdtemp(join(tmpdir(), 'pairing-demo-'));
const service = await startDevelopmentService(Number(process.env.PORT ?? 3900), {
  ...process.env,
  DATA_DIR: join(folder, 'data'),
  LOG_LEVEL: 'silent',
});
const { url } = service;
try {
  if (!(await service.ready)) throw new Error('The service ended.');
  const token = await service.token('mcurie');
  await pair(await issuePin(token));
  await pairWithAgents(await issuePin(token));
  await list(token);
} finally {
  await service.stop();
  await rm(folder, { recursive: true });
}

async function issuePin(token: string): Promise<string> {
  say('A person signs in and issues a PIN.');
  const issued = await call('POST', '/clusters', undefined, { authorization: `Bearer ${token}` });
  show(issued);
  return (JSON.parse(issued) as { pin: string }).pin;
}

/** Shows the issuances of the two, after the fetches of the workers were counted. */
async function list(token: string): Promise<void> {
  say('The person sees what became of the PINs.');
  let listed = '';
  for (let tries = 0; tries < 20 && listed.split('"paired"').length < 3; tries++) {
    await delay(100);
    listed = await call('GET', '/issuances', undefined, { authorization: `Bearer ${token}` });
  }
  show(JSON.stringify(JSON.parse(listed), null, 2));
}

async function pair(pin: string): Promise<void> {
  say('Three workers boot, and find no master yet.');
  const workers = [1, 2, 3].map((n) => bootFieldVm(join(folder, `w${n}`), contextOf({ pin, url })));
  show(await readFile(workers[0]!.userData, 'utf8'));

  say('The master boots and posts its address.');
  const master = bootFieldVm(join(folder, 'master'), contextOf({ pin, url, master: true }));
  show(await master.console);
  show(await call('GET', `/clusters/${pin}`));

  say('The master has booted, and its operating system says so.');
  show(await master.announceReady().console);

  say('The workers fetch the address and go on booting.');
  for (const [index, worker] of workers.entries()) {
    show(`worker ${index + 1}: ${await worker.console}`);
    show(await readFile(worker.userData, 'utf8'));
  }
}

/** The same with our agent: workers do not sleep between tries, because the service holds their requests. */
async function pairWithAgents(pin: string): Promise<void> {
  say('Three workers with the agent boot, and wait for their master.');
  const workers = [1, 2, 3].map((n) => bootAgentVm(join(folder, `a${n}`), contextOf({ pin, url })));

  say('The master boots and posts its address.');
  const master = bootAgentVm(join(folder, 'agent'), contextOf({ pin, url, master: true }));
  show(await master.console);

  say('The master has booted, and says so.');
  const start = performance.now();
  show(await call('POST', `/clusters/${pin}/keys`, { key: 'master_ready', value: 'true' }));

  const consoles = await Promise.all(workers.map((worker) => worker.console));
  say(`All workers have gone on booting ${(performance.now() - start).toFixed(0)} ms later.`);
  for (const [index, lines] of consoles.entries()) show(`worker ${index + 1}: ${lines}`);
  show(await readFile(workers[0]!.userData, 'utf8'));
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
