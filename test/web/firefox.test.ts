import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { launchFirefox } from '../../dev/browser.js';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { secrets } from '../support/secrets.js';
import { type Service, startProvider, startService } from '../support/service.js';

const TIMEOUT_MS = 20_000;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('The page in Firefox', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const port = await freePort();
    const redirectUris = [`http://localhost:${port}/sign-in/callback`];
    const provider = cleanUp.add(await startProvider({ redirectUris }));
    service = cleanUp.add(await startService({ PORT: String(port) }, provider));
    browser = await launchFirefox();
    cleanUp.add({ close: () => browser.close() });
    page = await browser.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
  }, 90_000);
  afterAll(() => cleanUp.run());

  const says = (words: string) => page.locator(`::-p-text(${words})`).wait();
  const click = (words: string) => page.locator(`::-p-text(${words})`).click();
  const field = (id: string, text: string) => page.locator(`#${id}`).fill(text);

  it('signs in, makes a cluster in three steps, keeps its PIN over a reload, and follows it', async () => {
    await page.goto(service.url);
    await click('Sign in with CERN SSO');
    await page.locator('#user').fill('mcurie');
    await page.locator('button').click();
    await says('No clusters yet');
    await click('Make the first one');
    await field('description', 'From Firefox');
    await click('Get a PIN');
    const pin = await page
      .locator('#pin')
      .map((element) => element.textContent)
      .wait();
    secrets.secret('a PIN', pin);
    await says(`cvm_cluster_pin=${pin}`);
    await page.reload();
    await says(`cvm_cluster_pin=${pin}`);
    await click('Next: start the machines');
    await says('openstack server create');
    await says('Waiting for master');
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    await says('Master starting');
    await says('10.10.25.5');
    await service.addKey(pin, 'master_ready', 'yes');
    await click('The cluster’s page');
    await says('Workers may be started');
    expect(
      await page.evaluate(
        `${await readFile(AXE, 'utf8')};axe.run().then(({ violations }) => violations.map(({ id }) => id))`,
      ),
    ).toEqual([]);
    await click('My clusters');
    await says('From Firefox');
    await service.api(`/clusters/${pin}`, { method: 'DELETE' });
    await says('Deleted');
    expect(new URL(page.url()).pathname).toBe('/');
  }, 90_000);

  it('watches a cluster by its PIN', async () => {
    const pin = await service.issuePin();
    await page.goto(`${service.url}/pin`);
    await field('pin-field', pin.toUpperCase());
    await click('Watch');
    await says('Waiting for master');
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    await says('10.10.25.5');
    expect(await page.title()).toContain('Master starting');
  }, 60_000);
});
