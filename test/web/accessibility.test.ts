import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { faultsOf, getPin, PageUnderTest } from '../support/page.js';

describe('Every view', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start({ ADMIN_ROLE: 'pin-admin' });
  });
  afterAll(() => site.stop());

  it.each<[string, BrowserContextOptions]>([
    ['on a desktop', {}],
    ['on a phone', { viewport: { width: 375, height: 800 } }],
    ['in the dark', { colorScheme: 'dark' }],
  ])('passes axe, and fits the screen, %s', async (look, options) => {
    // axe is put in from outside, which the page's own policy forbids.
    const page = await site.open({ ...options, bypassCSP: true });
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${site.service.url}/clusters/some`);
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${site.service.url}/pin`);
    expect(await faultsOf(page)).toEqual([]);

    const user = await site.signedIn({ ...options, bypassCSP: true }, `root ${look}`, 'pin-admin');
    expect(await faultsOf(user)).toEqual([]);
    await user.getByRole('link', { name: 'Make the first one' }).click();
    await user.getByLabel('What is it for?').waitFor();
    expect(await faultsOf(user)).toEqual([]);

    const pin = await getPin(user, 'Analysis of what came out of run 3, '.repeat(5));
    for (const value of ['10.10.25.5', '10.10.25.6']) {
      await site.service.addKey(pin, 'master_ip', value);
    }
    expect(await faultsOf(user)).toEqual([]);
    await user.getByLabel('Base context', { exact: true }).fill('x\n');
    expect(await faultsOf(user)).toEqual([]);
    await user.getByRole('link', { name: 'Start and watch' }).click();
    await user.getByText('Master starting').waitFor();
    expect(await faultsOf(user)).toEqual([]);
    await user.getByRole('link', { name: 'The cluster’s page' }).click();
    await user.getByText('Two machines claim').waitFor();
    expect(await faultsOf(user)).toEqual([]);
    await user.getByRole('button', { name: 'Revoke' }).click();
    await user.getByRole('dialog').waitFor();
    expect(await faultsOf(user)).toEqual([]);
    await user.getByRole('button', { name: 'Cancel' }).click();
    await user.goto(site.service.url);
    await user.getByText('Second master').waitFor();
    expect(await faultsOf(user)).toEqual([]);
  });
});
