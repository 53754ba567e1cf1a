import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { bootFieldVm } from '../../dev/field-vm.js';
import { Machine } from '../agents/machine.js';
import { shells } from '../agents/shells.js';
import { download, faultsOf, getPin, PageUnderTest } from '../support/page.js';
import { until } from '../support/process.js';

const SIZE = 200;
const INSTANCE = 'var/lib/cloud/instance';

describe('The workers of a cluster', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start();
  });
  afterEach(() => site.closePages());
  afterAll(() => site.stop());

  /** The state that a worker reports. */
  async function report(pin: string, n: number, state: string, detail?: string): Promise<void> {
    const json = { address: `10.1.${Math.floor(n / 100)}.${(n % 100) + 1}`, state, detail };
    const { status } = await site.service.api(`/clusters/${pin}/members/node-${n}`, {
      method: 'PUT',
      json,
    });
    expect(status).toBeLessThan(300);
  }
  const all = (tell: (n: number) => Promise<void>) =>
    Promise.all(Array.from({ length: SIZE }, (_, n) => tell(n + 1)));
  const workers = (page: Page) => page.getByRole('region', { name: 'Workers' });
  const rows = (page: Page) =>
    page
      .getByRole('region', { name: 'Members' })
      .getByRole('row')
      .filter({ has: page.getByRole('cell') });

  it('are counted without the PIN, and listed with it: 200 of them, until all are ready', async () => {
    const pin = await site.issue('mcurie', { description: 'Two hundred', workers: SIZE });
    await site.service.addKey(pin, 'master_ip', '10.1.0.1');
    await site.service.addKey(pin, 'master_ready', 'yes');
    const page = await site.signedIn({ bypassCSP: true });
    await page.getByText(`0 of ${SIZE} workers ready`).waitFor();
    await page.getByRole('link', { name: 'Two hundred' }).click();
    await all((n) => report(pin, n, 'waiting'));
    await workers(page).getByText(String(SIZE), { exact: true }).nth(1).waitFor(); // joined
    expect(await rows(page).count()).toBe(0);

    await page.getByLabel('The PIN that begins with').fill(pin);
    await page.getByRole('button', { name: 'Watch' }).click();
    await page.getByText(`${SIZE} of ${SIZE} members`).waitFor();
    expect(await rows(page).count()).toBe(SIZE);

    await all((n) =>
      n === 77 ? report(pin, n, 'failed', 'mount /cvmfs: timed out') : report(pin, n, 'ready'),
    );
    await page.getByText(`${SIZE - 1} of ${SIZE} workers ready`).waitFor();
    await page.getByRole('region', { name: '1 worker failed' }).waitFor();
    expect(await page.title()).toMatch(/^⚠ Workers joining 199\/200 · Two hundred/);
    await page.getByRole('button', { name: 'Failed' }).click();
    await rows(page).filter({ hasText: 'mount /cvmfs: timed out' }).waitFor();
    expect(await rows(page).count()).toBe(1);
    await page.getByRole('button', { name: 'All' }).click();
    await page.getByLabel('Search the members').fill('10.1.0.8');
    expect(await rows(page).count()).toBe(11); // .8 and .80 to .89
    expect(await faultsOf(page)).toEqual([]);

    await report(pin, 77, 'ready');
    await page.getByText('The cluster is complete').waitFor();
    await page.getByText('All expected workers ready').waitFor();
    expect(await page.title()).toMatch(/^Complete 200\/200 · Two hundred/);
    await page.getByRole('link', { name: 'My clusters' }).first().click();
    await page.getByText('Complete', { exact: true }).waitFor();
  });

  it('join by the new agent of busybox machines, beside old images that only fetch', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page, 'Mixed');
    const context = String(await download(page, 'worker'));
    await page.getByRole('link', { name: 'Start and watch' }).click();
    await site.service.addKey(pin, 'master_ip', '10.1.0.1');
    await site.service.addKey(pin, 'master_ready', 'yes');
    const [busybox] = shells;
    for (const name of ['worker-1', 'worker-2']) {
      const machine = await Machine.create(busybox!);
      machine.configure({ NAME: name });
      machine.write(`${INSTANCE}/user-data.txt`, context);
      expect((await machine.runService('contextualize')).code).toBe(0);
      await rows(page).filter({ hasText: name }).getByText('Waiting').waitFor();
      const env = machine.stub('cloud-init', 'exit 0');
      expect((await machine.runService('announce-ready', env)).code).toBe(0);
      await rows(page).filter({ hasText: name }).getByText('Ready').waitFor();
      await machine.remove();
    }
    const old = bootFieldVm(join(site.folder, 'old'), context);
    expect(await old.console).toContain('done');
    await until('its fetch', async () =>
      /1\s*by old images|by old images\s*1/.test(await page.locator('.numbers').innerText()),
    );
    await page.getByText('2 of 2 members').waitFor();
  });

  it('are reported when there are more than are expected, because a stranger may have joined', async () => {
    const pin = await site.issue('mcurie', { description: 'Crowded', workers: 2 });
    const page = await site.signedIn();
    await page.getByRole('link', { name: 'Crowded' }).click();
    for (const n of [1, 2]) await report(pin, n, 'waiting');
    await workers(page).getByText('2', { exact: true }).nth(1).waitFor(); // joined
    const note = page.getByRole('region', { name: 'More workers have joined than are expected' });
    expect(await note.count()).toBe(0);
    await report(pin, 3, 'waiting');
    await note.getByText('3 have joined. If you did not start so many').waitFor();
  });

  it('hear why their master failed, and so does the page', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page, 'Broken');
    await page.getByRole('link', { name: 'Start and watch' }).click();
    await site.service.addKey(pin, 'master_ip', '10.1.0.1');
    await site.service.addKey(pin, 'master_failed', 'condor_master ended with 44');
    const note = page.getByRole('region', { name: 'The master failed' });
    await note.getByText('condor_master ended with 44').waitFor();
    expect(await page.title()).toMatch(/^Master failed/);
    await page.goto(site.service.url);
    const row = page.getByRole('listitem').filter({ hasText: 'Broken' });
    await row.getByText('Master failed').waitFor();
    await page.getByRole('button', { name: /^Needs a look 1/ }).click();
    expect(await row.count()).toBe(1);
  });
});
