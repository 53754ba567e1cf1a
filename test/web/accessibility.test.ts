import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { faultsOf, getPin, PageUnderTest } from '../support/page.js';
import { until } from '../support/process.js';

describe('Every view', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start({ ADMIN_ROLE: 'pin-admin' });
  });
  afterEach(() => site.closePages());
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
    await user.getByText('Master starting', { exact: true }).waitFor();
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

    await site.service.addKey(pin, 'master_failed', 'condor_master ended with 44');
    await user.getByText('Master failed').waitFor();
    await user.getByRole('button', { name: 'Exact times' }).click();
    expect(await faultsOf(user)).toEqual([]);
    await user.getByRole('listitem').filter({ hasText: 'Master failed' }).getByRole('link').click();
    await user.getByRole('region', { name: 'The master failed' }).waitFor();
    expect(await faultsOf(user)).toEqual([]);
  });

  it('is used by the keyboard alone', async () => {
    const page = await site.signedIn({}, 'keys');
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = () => page.evaluate('document.activeElement.innerText.trim()');
    await press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await press('Enter', 'Tab');
    expect(await focused()).toBe('New cluster');
    await press('Enter');
    await page.getByRole('heading', { name: 'New cluster', level: 1 }).waitFor();
    expect(await focused()).toBe('New cluster'); // the heading of the new view
    await press('Tab');
    await page.keyboard.type('By the keyboard');
    await press('Enter');
    await page.locator('#pin').waitFor();
    expect(await focused()).toBe('Put the PIN into both contexts');
    await press('Tab');
    expect(await focused()).toBe('Next: start the machines');

    await page.goto(site.service.url);
    const row = page.getByRole('listitem').filter({ hasText: 'By the keyboard' });
    await row.getByText('issued just now').waitFor();
    await page.getByRole('button', { name: 'Exact times' }).focus();
    await press('Enter');
    await row.getByText(String(new Date().getFullYear())).first().waitFor();
    const link = page.getByRole('link', { name: 'By the keyboard' });
    await link.focus();
    await press('Enter');
    await page.locator('h1:focus').waitFor(); // of the new view
    await page.getByRole('button', { name: 'Revoke' }).focus();
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await focused()).toBe('Revoke');
    await press('Escape');
    // Its role ends a moment before the page knows that it was closed.
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Revoke');
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Enter');
    await page.getByText('Revoked', { exact: true }).waitFor();
  });

  it('lets a screen reader say each new state once, and not what changes all the time', async () => {
    const page = await site.signedIn({}, 'listener');
    const pin = await getPin(page, 'Heard');
    await page.getByRole('link', { name: 'Start and watch' }).click();
    await page.getByText('Waiting for master').first().waitFor();
    await page.evaluate(() => {
      const spoken: string[] = [];
      Object.assign(globalThis, { spoken });
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement;
          const region = element?.closest('[aria-live], [role=status], [role=alert]');
          if (region?.textContent) spoken.push(region.textContent);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await site.service.addKey(pin, 'master_ip', '10.10.25.5');
    await page.getByText('Master starting').first().waitFor();
    await site.service.addKey(pin, 'master_ready', 'yes');
    for (let worker = 0; worker < 3; worker++) await site.service.keyText(pin, 'master_ip');
    await page.getByText('3 fetches of the address').waitFor();
    await until('the last state', async () => (await spoken(page)).includes('Heard: Ready'));
    expect(await spoken(page)).toEqual(['Heard: Master starting', 'Heard: Ready']);
  });

  const spoken = (page: Page): Promise<string[]> => page.evaluate('spoken');
});
