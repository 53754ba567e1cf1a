// Takes the pictures of docs/images: node dev/pictures.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { addKey } from './pairing-api.ts';
import { type DevelopmentService, startDevelopmentService } from './service.ts';

const MINUTE = 60_000;
/** How long before the pictures the first cluster was made. */
const STORY_MINUTES = 100;
/** The clock of this process, in which the identity provider issues tokens, moves with that of the service. */
let minutes = -STORY_MINUTES;
const trueNow = Date.now;
Date.now = () => trueNow() + minutes * MINUTE;

/** Lets a service be told to move its clock. */
const MOVABLE_CLOCK = `data:text/javascript,${encodeURIComponent(`
const real = Date.now;
let ahead = -${STORY_MINUTES * MINUTE};
Date.now = () => real() + ahead;
process.on('message', (ms) => { ahead += ms; process.send(ahead); });
process.channel.unref();`)}`;

const desktop = { viewport: { width: 1280, height: 800 } };
const looks: Record<string, BrowserContextOptions> = {
  '': desktop,
  '-dark': { ...desktop, colorScheme: 'dark' },
  '-phone': { viewport: { width: 375, height: 800 }, deviceScaleFactor: 2 },
};
const USER = 'mcurie';
const port = Number(process.env.PORT ?? 3800);

/** The pictures of a service, with clusters of every kind. */
class Pictures {
  private readonly service: DevelopmentService;
  private readonly look: string;
  private readonly api: string;

  constructor(service: DevelopmentService, look: string) {
    this.service = service;
    this.look = look;
    this.api = `${service.url}/api/v1`;
  }

  async take(options: BrowserContextOptions): Promise<void> {
    const { service } = this;
    await this.tellStory();
    await this.moveTo(0);
    const context = await browser.newContext({
      locale: 'en-GB',
      timezoneId: 'Europe/Zurich',
      ...options,
    });
    const page = await context.newPage();
    const take = async (name: string) => {
      await page.mouse.move(0, 0);
      await page.screenshot({ path: `docs/images/${name}${this.look}.png`, fullPage: true });
    };
    const signIn = async (user: string) => {
      await page.goto(`${service.url}/sign-in`);
      await page.getByLabel('User').fill(user);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };

    await page.goto(service.url);
    await take('welcome');
    await signIn('lmeitner');
    await page.getByText('No clusters yet').waitFor();
    await take('empty');

    await signIn(USER);
    await page.getByText('6 of 8 workers ready').waitFor();
    await page.getByText('Live', { exact: true }).first().waitFor();
    await take('clusters');
    await page.getByRole('link', { name: 'LHCb ntuples' }).click();
    await page.getByText('No master for').waitFor();
    await take('waiting');

    await page.goto(`${service.url}/new`);
    await page.getByLabel('What is it for?').fill('Run 3 reprocessing');
    await page.getByLabel('How many workers?').fill('48');
    await take('new');
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    const pin = await page.locator('#pin').innerText();
    await page.getByText('cvm_cluster_master=yes').waitFor();
    await take('contexts');
    await page.getByRole('link', { name: 'Next: start the machines' }).first().click();
    await page.getByRole('heading', { name: 'Start the machines', level: 1 }).waitFor();
    await take('start');

    await page.clock.install();
    await this.formCluster(pin);
    await page.clock.setSystemTime(Date.now());
    await page.goto(page.url().replace('/start', ''));
    await page.getByText('Master 10.10.25.5').waitFor();
    await page.getByText('48 of 48 members').waitFor();
    await take('cluster');
    await page.goto(`${service.url}/pin`);
    await page.getByLabel('PIN', { exact: true }).waitFor();
    await take('pin');
    await context.close();
  }

  /** Moves the clocks; 0 is the true time. */
  private async moveTo(next: number): Promise<void> {
    const moved = new Promise((resolve) => this.service.process.once('message', resolve));
    this.service.process.send((next - minutes) * MINUTE);
    await moved;
    minutes = next;
  }

  /** What happened before the pictures. */
  private async tellStory(): Promise<void> {
    const skim = await this.issue({ description: 'CMS skim, second try', workers: 2, ttl: '40m' });
    await this.issue({ description: 'A try', ttl: '10m' });
    await this.master(skim, '10.10.7.2', -98.4, -96.2);
    await this.fetches(skim, 2);
    for (const [n, name] of ['skim-1', 'skim-2'].entries()) {
      await this.member(skim, name, `10.10.7.${n + 3}`, 'ready');
    }
    await this.settleRecord();

    await this.moveTo(-42);
    const train = await this.issue({ description: 'ALICE train 4711' });
    await this.master(train, '10.10.25.7', -39.5, -36);
    await addKey(this.service.url, train, 'master_ip', '10.10.25.8').catch(() => undefined);
    await this.fetches(train, 3);

    await this.moveTo(-26);
    const pool = await this.issue({ description: 'HTCondor pool', workers: 20 });
    await this.moveTo(-23);
    await addKey(this.service.url, pool, 'master_ip', '10.10.25.9');
    await this.moveTo(-18);
    await addKey(this.service.url, pool, 'master_failed', 'condor_master ended with 44');

    await this.moveTo(-12.2);
    await this.issue({ description: 'LHCb ntuples', workers: 4 });

    await this.moveTo(-9);
    const simulation = await this.issue({ description: 'ATLAS simulation', workers: 8 });
    await this.master(simulation, '10.10.26.1', -6.6, -4.1);
    await this.fetches(simulation, 7);
    for (let n = 1; n <= 7; n++) {
      await this.member(simulation, `sim-${n}`, `10.10.26.${n + 1}`, n < 7 ? 'ready' : 'waiting');
    }
  }

  /** Lets the record of the clusters have their state before their PINs expire. */
  private async settleRecord(): Promise<void> {
    const authorization = `Bearer ${await this.service.token(USER)}`;
    await fetch(`${this.api}/issuances`, { headers: { authorization } });
  }

  /** A cluster of 48 workers, of which one has failed and some are not ready yet. */
  private async formCluster(pin: string): Promise<void> {
    await this.master(pin, '10.10.25.5', 2.3, 5.1);
    await this.fetches(pin, 1);
    await this.moveTo(5.9);
    for (let n = 1; n <= 48; n++) {
      const state = n === 17 ? 'failed' : n > 41 ? 'waiting' : 'ready';
      const detail = n === 17 ? 'mount /cvmfs: timed out' : undefined;
      await this.member(
        pin,
        `node-${String(n).padStart(2, '0')}`,
        `10.10.25.${n + 10}`,
        state,
        detail,
      );
    }
    await this.fetches(pin, 47);
    await this.moveTo(7);
  }

  private async master(pin: string, address: string, registered: number, ready: number) {
    await this.moveTo(registered);
    await addKey(this.service.url, pin, 'master_ip', address);
    await this.moveTo(ready);
    await addKey(this.service.url, pin, 'master_ready', 'true');
  }

  private async fetches(pin: string, count: number): Promise<void> {
    for (let n = 0; n < count; n++) await fetch(`${this.api}/clusters/${pin}/keys/master_ip`);
  }

  private async issue(body: object): Promise<string> {
    const answer = await fetch(`${this.api}/clusters`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.service.token(USER)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`No PIN: ${await answer.text()}`);
    return ((await answer.json()) as { pin: string }).pin;
  }

  private async member(pin: string, name: string, address: string, state: string, detail?: string) {
    const answer = await fetch(`${this.api}/clusters/${pin}/members/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ address, state, ...(detail !== undefined && { detail }) }),
    });
    if (!answer.ok) throw new Error(`No member: ${await answer.text()}`);
  }
}

const browser = await launchBrowser();
try {
  for (const [look, options] of Object.entries(looks)) {
    minutes = -STORY_MINUTES;
    const folder = await mkdtemp(join(tmpdir(), 'pairing-pictures-'));
    const service = await startDevelopmentService(
      port,
      {
        ...process.env,
        DATA_DIR: folder,
        LOG_LEVEL: 'silent',
        NODE_OPTIONS: `--import=${MOVABLE_CLOCK}`,
      },
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    try {
      if (!(await service.ready)) throw new Error('The service ended.');
      await new Pictures(service, look).take(options);
    } finally {
      await service.stop();
      await rm(folder, { recursive: true });
    }
  }
} finally {
  await browser.close();
}
