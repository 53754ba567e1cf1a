// Takes the pictures of docs/images: node dev/pictures.ts [name…]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { addKey } from './pairing-api.ts';
import { startDevelopmentService } from './service.ts';

const MINUTE = 60_000;
const desktop = { viewport: { width: 1280, height: 800 } };
const looks: Record<string, BrowserContextOptions> = {
  '': desktop,
  '-dark': { ...desktop, colorScheme: 'dark' },
  '-phone': { viewport: { width: 375, height: 800 }, deviceScaleFactor: 2 },
};
const wanted = process.argv.slice(2);

const folder = await mkdtemp(join(tmpdir(), 'pairing-pictures-'));
const service = await startDevelopmentService(Number(process.env.PORT ?? 3800), {
  ...process.env,
  DATA_DIR: folder,
  LOG_LEVEL: 'silent',
});
const api = `${service.url}/api/v1`;
const browser = await launchBrowser();
try {
  if (!(await service.ready)) throw new Error('The service ended.');
  for (const [look, options] of Object.entries(looks)) await takeAll(look, options);
} finally {
  await browser.close();
  await service.stop();
  await rm(folder, { recursive: true });
}

async function takeAll(look: string, options: BrowserContextOptions): Promise<void> {
  const user = `mcurie${look}`;
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Zurich',
    ...options,
  });
  const page = await context.newPage();
  const take = async (name: string) => {
    if (wanted.length > 0 && !wanted.includes(name)) return;
    await page.mouse.move(0, 0);
    await page.screenshot({ path: `docs/images/${name}${look}.png`, fullPage: true });
  };
  await page.goto(service.url);
  await take('welcome');
  await page.getByRole('link', { name: 'Sign in with CERN SSO' }).click();
  await page.getByLabel('User').fill(user);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No clusters yet').waitFor();
  await take('empty');

  await prepareClusters(user);
  await page.goto(service.url);
  await page.getByText('6 of 8 workers ready').waitFor();
  await page.getByText('Second master').waitFor();
  await page.getByText('Master failed').waitFor();
  await take('clusters');

  await page.goto(`${service.url}/new`);
  await page.getByLabel('What is it for?').fill('Run 3 reprocessing');
  await page.getByLabel('How many workers?').fill('8');
  await take('new');
  await page.getByRole('button', { name: 'Get a PIN' }).click();
  const pin = await page.locator('#pin').innerText();
  await page.getByText('cvm_cluster_master=yes').waitFor();
  await take('contexts');
  await page.getByRole('link', { name: 'Next: start the machines' }).first().click();
  await page.getByRole('heading', { name: 'Start the machines' }).first().waitFor();
  await take('start');

  await formCluster(pin);
  await page.getByRole('link', { name: 'The cluster’s page' }).click();
  await page.getByText('Master 10.10.25.5').waitFor();
  await page.getByText('node-8').first().waitFor();
  await take('cluster');

  await page.clock.install({ time: Date.now() + 12 * MINUTE });
  await page.goto(service.url);
  await page.getByRole('link', { name: 'LHCb ntuples' }).click();
  await page.getByText('No master for').waitFor();
  await take('waiting');
  await page.evaluate('sessionStorage.clear()');
  await page.goto(`${service.url}/pin`);
  await page.getByLabel('PIN').waitFor();
  await take('pin');
  await context.close();
}

/** A list with clusters of every kind. */
async function prepareClusters(user: string): Promise<void> {
  const ended = await issue(user, { description: 'CMS skim, second try', workers: 2 });
  await addKey(service.url, ended, 'master_ip', '10.10.7.2');
  await addKey(service.url, ended, 'master_ready', 'true');
  for (const name of ['skim-1', 'skim-2']) await joinCluster(ended, name, '10.10.7.9', 'ready');
  await fetch(`${api}/clusters/${ended}/keys/master_ip`);
  await fetch(`${api}/clusters/${ended}`, { method: 'DELETE' });
  const unused = await issue(user, { description: 'A try' });
  await fetch(`${api}/clusters/${unused}`, { method: 'DELETE' });
  await issue(user, { description: 'LHCb ntuples', workers: 4 });
  const failed = await issue(user, { description: 'HTCondor pool', workers: 20 });
  await addKey(service.url, failed, 'master_ip', '10.10.25.9');
  await addKey(service.url, failed, 'master_failed', 'condor_master ended with 44');
  const second = await issue(user, { description: 'ALICE train 4711' });
  await addKey(service.url, second, 'master_ip', '10.10.25.7');
  await addKey(service.url, second, 'master_ip', '10.10.25.8').catch(() => undefined);
  await addKey(service.url, second, 'master_ready', 'true');
  for (let worker = 0; worker < 3; worker++) {
    await fetch(`${api}/clusters/${second}/keys/master_ip`);
  }
  const simulation = await issue(user, { description: 'ATLAS simulation', workers: 8 });
  await addKey(service.url, simulation, 'master_ip', '10.10.26.1');
  await addKey(service.url, simulation, 'master_ready', 'true');
  for (let worker = 1; worker <= 7; worker++) {
    await joinCluster(
      simulation,
      `sim-${worker}`,
      `10.10.26.${worker + 1}`,
      worker < 7 ? 'ready' : 'waiting',
    );
  }
}

/** A master that is ready, and eight workers of which six are ready and one has failed. */
async function formCluster(pin: string): Promise<void> {
  await addKey(service.url, pin, 'master_ip', '10.10.25.5');
  await addKey(service.url, pin, 'master_ready', 'true');
  await fetch(`${api}/clusters/${pin}/keys/master_ip`);
  for (let worker = 1; worker <= 8; worker++) {
    const state = worker === 3 ? 'failed' : worker === 8 ? 'waiting' : 'ready';
    const detail = worker === 3 ? 'mount /cvmfs: timed out' : undefined;
    await joinCluster(pin, `node-${worker}`, `10.10.25.${10 + worker}`, state, detail);
  }
}

async function issue(user: string, body: object): Promise<string> {
  const answer = await fetch(`${api}/clusters`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await service.token(user)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { pin: string }).pin;
}

async function joinCluster(
  pin: string,
  name: string,
  address: string,
  state: string,
  detail?: string,
): Promise<void> {
  await fetch(`${api}/clusters/${pin}/members/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ address, state, ...(detail !== undefined && { detail }) }),
  });
}
