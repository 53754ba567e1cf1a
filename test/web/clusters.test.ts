import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { PageUnderTest } from '../support/page.js';

describe('The list of clusters', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start({ ADMIN_ROLE: 'pin-admin' });
  });
  afterEach(() => site.closePages());
  afterAll(() => site.stop());

  const row = (page: Page, name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('link', { name, exact: true }) });
  /** A page whose stream is open, so that what it shows next came by the stream. */
  const live = async (page: Page) => {
    await page
      .getByRole('status')
      .filter({ hasText: /^Live$/ })
      .waitFor();
    return page;
  };

  it('explains itself when it is empty, and fills by itself', async () => {
    const page = await site.signedIn({}, 'nobody');
    await page.getByText('No clusters yet').waitFor();
    await live(page);
    await site.issue('nobody', { description: 'From a script' });
    await row(page, 'From a script').getByText('Waiting for master').waitFor();
    expect(await page.title()).toBe('My clusters (1 live) · CernVM Cluster Pairing');
  });

  it('shows each step of a cluster, its alarms and its end, without a reload', async () => {
    const page = await live(await site.signedIn());
    const pin = await site.issue('mcurie', { description: 'Run 3' });
    const run = row(page, 'Run 3');
    await run.getByText('Waiting for master').waitFor();
    await site.service.addKey(pin, 'master_ip', '10.10.25.5');
    await run.getByText('Master starting').waitFor();
    await site.service.addKey(pin, 'master_ready', 'yes');
    await run.getByText('Ready').waitFor();
    await site.service.keyText(pin, 'master_ip');
    await run.getByText('1 fetch of the address').waitFor();
    await site.service.addKey(pin, 'master_ip', '10.10.25.6');
    await run.getByText('Second master').waitFor();
    expect(await page.title()).toMatch(/^⚠ My clusters/);
    await site.service.api(`/clusters/${pin}`, { method: 'DELETE' });
    await run.getByText('Deleted').waitFor();
    await run.getByText('first worker in').waitFor();
    expect(await page.getByRole('heading', { name: 'Ended' }).count()).toBe(1);
  });

  it('is searched and filtered', async () => {
    for (const description of ['Needle', 'Hay']) await site.issue('finder', { description });
    const page = await site.signedIn({}, 'finder');
    await row(page, 'Hay').waitFor();
    await page.getByLabel('Search the clusters').fill(' nEED ');
    await row(page, 'Needle').waitFor();
    expect(await row(page, 'Hay').count()).toBe(0);
    await page.getByRole('button', { name: /^Ended/ }).click();
    await page.getByText('No cluster matches.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await row(page, 'Hay').waitFor();
  });

  it('reads older ones page by page', async () => {
    for (let n = 1; n <= 55; n++) await site.issue('collector', { description: `Number ${n}` });
    const page = await live(await site.signedIn({}, 'collector'));
    await row(page, 'Number 55').waitFor();
    for (let n = 1; n <= 55; n++) await row(page, `Number ${n}`).waitFor(); // the stream has all live ones
    await page.getByRole('button', { name: 'Older ones' }).click();
    await page.getByRole('button', { name: 'Older ones' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('listitem').count()).toBe(55);
  });

  it('of everyone is for admins, who open and revoke any cluster', async () => {
    await site.issue('lmeitner', { description: 'Theirs' });
    const user = await live(await site.signedIn());
    expect(await row(user, 'Theirs').count()).toBe(0);
    expect(await user.getByRole('button', { name: 'Everyone' }).count()).toBe(0);

    const admin = await site.signedIn({}, 'root', 'pin-admin');
    await admin.getByRole('button', { name: "Everyone's" }).click();
    await row(admin, 'Theirs').getByText('lmeitner').waitFor();
    await live(admin);
    await site.issue('ohahn', { description: 'New' });
    await row(admin, 'New').getByText('ohahn').waitFor();

    await admin.getByRole('link', { name: 'Theirs' }).click();
    await admin.getByRole('button', { name: 'Revoke' }).click();
    const dialog = admin.getByRole('dialog', { name: 'Revoke Theirs?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await dialog.count()).toBe(0);
    await admin.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await admin.getByText('Revoked', { exact: true }).waitFor();
    await admin.getByRole('status').filter({ hasText: 'Revoked: Theirs' }).waitFor();

    const theirs = admin.url();
    await admin.getByRole('link', { name: 'My clusters' }).first().click();
    await admin.getByRole('heading', { name: "Everyone's clusters" }).waitFor();
    await admin.goto(theirs);
    await admin.getByRole('link', { name: 'My clusters' }).first().click();
    await admin.getByText('No clusters yet').waitFor();
  });

  describe('in several tabs', () => {
    it('has one stream, which goes to the tab that is seen', async () => {
      const first = await live(await site.signedIn({}, 'tabs'));
      const streams: string[] = [];
      first.context().on('request', (request) => {
        if (request.url().endsWith('/issuances/events')) streams.push(request.url());
      });
      const second = await first.context().newPage();
      await second.goto(site.service.url);
      await live(second);
      expect(streams).toHaveLength(1);
      await site.issue('tabs', { description: 'Seen by both' });
      for (const tab of [first, second]) await row(tab, 'Seen by both').waitFor();
      await second.close();
      await site.issue('tabs', { description: 'Seen by one' });
      await row(first, 'Seen by one').waitFor();
    });
  });
});
