import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { bootFieldVm } from '../../dev/field-vm.js';
import { download, getPin, PageUnderTest } from '../support/page.js';

describe('The page of a cluster', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start();
  });
  afterEach(() => site.closePages());
  afterAll(() => site.stop());

  const says = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
  const AWAY = 'The service does not answer at the moment';

  /** Watches a cluster with its PIN, signed in or not. */
  async function watch(page: Page, pin: string): Promise<void> {
    await page.goto(`${site.service.url}/pin`);
    await page.getByLabel('PIN', { exact: true }).fill(pin);
    await page.getByRole('button', { name: 'Watch' }).click();
    await page.getByRole('heading', { name: `Cluster ${pin.slice(0, 4)}…` }).waitFor();
  }

  it('follows field images that pair with the contexts of the page', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    const context = String(await download(page, 'worker'));
    const master = String(await download(page, 'master'));
    await watch(page, pin);
    await says(page, 'Waiting for master');
    await says(page, 'No worker yet');
    const workers = [1, 2].map((n) => bootFieldVm(join(site.folder, `worker${n}`), context));
    const vm = bootFieldVm(join(site.folder, 'master'), master);
    expect(await vm.console).toContain('done');
    await says(page, 'Master starting');
    const address = await page
      .locator('main code')
      .filter({ hasText: /^[\d.]+$/ })
      .innerText();

    expect(await vm.announceReady().console).toContain('done');
    await page.getByText('Ready', { exact: true }).waitFor();
    for (const { console, userData } of workers) {
      expect(await console).toContain('done');
      expect(await readFile(userData, 'utf8')).toBe(
        context.replace('###MASTER_IP_PLACEHOLDER###', address),
      );
    }
    await says(page, '2 fetches of the address');

    expect((await site.service.addKey(pin, 'master_ip', '10.9.9.9')).status).toBe(409);
    await says(page, 'Two machines claim to be the master');
    const change = { method: 'PATCH', json: { value: '10.9.9.9' } };
    await site.service.api(`/clusters/${pin}/keys/master_ip`, change);
    await page.getByText('10.9.9.9').waitFor();
    await says(page, 'The master was changed or removed');

    await site.service.api(`/clusters/${pin}`, { method: 'DELETE' });
    await page.getByText('Ended', { exact: true }).first().waitFor();
    await says(page, 'No machine can use it any more');
  });

  it('is watched by the PIN without a sign-in, whatever its blanks and capitals, over a reload', async () => {
    const pin = await site.service.issuePin();
    const page = await site.open();
    await page.getByRole('link', { name: 'I have a PIN' }).first().click();
    await page.getByLabel('PIN', { exact: true }).fill('abc');
    await page.getByRole('button', { name: 'Watch' }).click();
    await says(page, 'A PIN has 12 letters and digits.');
    await page.getByLabel('PIN', { exact: true }).fill('zzzz zzzz zzzz');
    await page.getByRole('button', { name: 'Watch' }).click();
    await says(page, 'The service knows no such PIN');
    const typed = pin.toUpperCase().replace(/(.{4})(?=.)/g, '$1 ');
    await page.getByLabel('PIN', { exact: true }).fill(`\u00a0${typed}\u200b`);
    await page.getByRole('button', { name: 'Watch' }).click();
    await site.service.addKey(pin, 'master_ip', '10.10.25.5');
    await page.getByText('10.10.25.5').waitFor();
    expect(await page.title()).toContain('Master starting');
    expect(page.url()).toBe(`${site.service.url}/pin`);
    await page.reload();
    await page.getByText('10.10.25.5').waitFor();
    await page.getByRole('button', { name: 'Another PIN' }).click();
    await page.getByLabel('PIN', { exact: true }).waitFor();
  });

  it('shows that the service is away, and the state when it is back', async () => {
    const page = await site.open();
    const pin = await site.service.issuePin();
    await watch(page, pin);
    await site.service.program.stop('SIGKILL');
    await says(page, AWAY);
    await page.route('**/events', (route) => route.abort()); // until more has happened
    await site.restart();
    await site.service.addKey(pin, 'master_ip', '10.10.25.5');
    await site.service.addKey(pin, 'master_ready', 'true');
    expect(await page.getByText(AWAY).count()).toBe(1);
    await page.unroute('**/events');
    await page.getByText('10.10.25.5').waitFor();
    await page.getByText('Ready', { exact: true }).waitFor();
    expect(await page.getByText(AWAY).count()).toBe(0);
  });

  it('shows that the cluster ended while the service was away', async () => {
    const page = await site.open();
    const pin = await site.service.issuePin();
    await watch(page, pin);
    await page.route('**/events', (route) => route.fulfill({ status: 503 }));
    await site.service.program.stop('SIGKILL');
    await says(page, AWAY);
    await site.restart();
    await site.service.api(`/clusters/${pin}`, { method: 'DELETE' });
    await says(page, 'This PIN is no longer good');
    expect(await page.getByText(AWAY).count()).toBe(0);
  });
});
