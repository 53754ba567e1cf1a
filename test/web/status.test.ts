import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { bootFieldVm } from '../../dev/field-vm.js';
import { download, getPin, PageUnderTest } from '../support/page.js';

describe('The live status', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start();
  });
  afterAll(() => site.stop());

  const says = (page: Page, words: string | RegExp) => page.getByText(words).waitFor();
  const AWAY = 'The service does not answer at the moment';
  const ENDED = 'Its cluster was ended';

  it('follows field images that pair with the contexts of the page', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    await says(page, 'Waiting for the master');
    await says(page, 'No worker has fetched the address');
    const context = String(await download(page, 'Worker'));
    const workers = [1, 2].map((n) => bootFieldVm(join(site.folder, `worker${n}`), context));
    const master = bootFieldVm(join(site.folder, 'master'), String(await download(page, 'Master')));
    expect(await master.console).toContain('done');
    const registered = await page.getByText('Master registered: ').innerText();
    const [, address = ''] = /: ([\d.]+), at /.exec(registered) ?? [];
    await says(page, 'Not ready yet');
    await page.getByRole('cell', { name: 'master registered' }).waitFor();

    expect(await master.announceReady().console).toContain('done');
    await says(page, 'Master ready, at ');
    for (const { console, userData } of workers) {
      expect(await console).toContain('done');
      expect(await readFile(userData, 'utf8')).toBe(
        context.replace('###MASTER_IP_PLACEHOLDER###', address),
      );
    }
    await says(page, '2 workers have fetched the address');

    expect((await site.service.addKey(pin, 'master_ip', '10.9.9.9')).status).toBe(409);
    const warning = page.getByRole('alert').filter({ hasText: 'Two machines claim' });
    await warning.waitFor();
    const red = await warning.evaluate((element) => getComputedStyle(element).color);
    expect(red).toBe('rgb(179, 20, 29)');

    const change = { method: 'PATCH', json: { value: '10.9.9.9' } };
    await site.service.api(`/clusters/${pin}/keys/master_ip`, change);
    await says(page, 'Master registered: 10.9.9.9');
    const changed = page.getByRole('alert').filter({ hasText: 'changed or removed once' });
    await changed.waitFor();

    await site.service.api(`/clusters/${pin}`, { method: 'DELETE' });
    await says(page, ENDED);
    await page.getByRole('cell', { name: 'ended: deleted' }).waitFor();
    await page.getByRole('cell', { name: 'master changed' }).waitFor();
    expect(await page.getByText(/\d\ss more/).count()).toBe(0);
  });

  it('starts again with another PIN, even without events', async () => {
    const page = await site.signedIn();
    await site.service.addKey(await getPin(page), 'master_ip', '10.10.25.5');
    await says(page, 'Master registered: 10.10.25.5');
    await says(page, /^It is good for one cluster, 23\sh 59\smin/);
    await page.route('**/events', (route) => route.abort());
    await getPin(page);
    await says(page, 'It is good for one cluster.');
    await says(page, 'Waiting for the master');
    expect(await page.getByText('Master registered:').count()).toBe(0);
  });

  it('shows that the service is away, and the state when it is back', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    await site.service.program.stop('SIGKILL');
    await says(page, AWAY);
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    await says(page, 'The service does not answer. Check your connection, and try again shortly.');
    expect(await page.locator('#pin').innerText()).toBe(pin);

    await page.route('**/events', (route) => route.abort()); // until more has happened
    await site.restart();
    await site.service.addKey(pin, 'master_ip', '10.10.25.5');
    await site.service.addKey(pin, 'master_ready', 'true');
    expect(await page.getByText(AWAY).count()).toBe(1);
    await page.unroute('**/events');
    await says(page, 'Master registered: 10.10.25.5');
    await says(page, 'Master ready');
    expect(await page.getByText(AWAY).count()).toBe(0);
    expect(await getPin(page)).not.toBe(pin);
  });

  it('shows that the cluster ended while the service was away', async () => {
    const page = await site.signedIn();
    await page.route('**/events', (route) => route.fulfill({ status: 503 }));
    const pin = await getPin(page);
    await says(page, AWAY);
    await site.service.api(`/clusters/${pin}`, { method: 'DELETE' });
    await says(page, ENDED);
    expect(await page.getByText(AWAY).count()).toBe(0);
  });
});
