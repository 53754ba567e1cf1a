import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { download, getPin, PageUnderTest, signInAtProvider } from '../support/page.js';
import { until } from '../support/process.js';

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('The pairing page', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start({ ADMIN_ROLE: 'pin-admin' });
  });
  afterAll(() => site.stop());

  const row = (page: Page, pin: string) =>
    page.getByRole('row').filter({ hasText: pin.slice(0, 4) });

  it('shows a PIN, makes both contexts, lists the PIN and revokes it', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page, 'Run 3');
    expect(pin).toMatch(/^[a-z0-9]{12}$/);
    await page.getByText(/23\sh 59\smin \d+\ss more/).waitFor();
    for (const [role, flag] of [
      ['Master', 'yes'],
      ['Worker', 'no'],
    ] as const) {
      const text = String(await download(page, role));
      expect(text).toContain(`cvm_cluster_pin=${pin}\n`);
      expect(text).toContain(`cvm_cluster_master=${flag}\n`);
      expect(text).toContain(`cvm_service_url=${site.service.url}\n`);
    }
    await page.getByLabel('Base context').fill('[ucernvm-begin]\n[ucernvm-end]\n');
    await page.getByText('workers will not learn').waitFor();

    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: `Revoke ${pin.slice(0, 4)}` }).click();
    await row(page, pin).getByRole('cell', { name: 'ended: revoked' }).waitFor();
    await page.getByText('Its cluster was ended').waitFor();
    expect((await site.service.api(`/clusters/${pin}`)).status).toBe(404);
  });

  it('copies the PIN', async () => {
    const page = await site.signedIn({ permissions: ['clipboard-read', 'clipboard-write'] });
    const pin = await getPin(page);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(pin);
  });

  it('reads a context that is opened or dropped, byte for byte, and sends it nowhere', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    await page.getByRole('row').nth(1).waitFor();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const context = '\ufeff#cloud-config\r\n# [ucernvm-begin]\r\n# [ucernvm-end]\r\n# é\r\n';
    const master = context.replace(
      '# [ucernvm-end]',
      `# cvm_cluster_pin=${pin}\r\n# cvm_service_url=${site.service.url}\r\n# cvm_cluster_master=yes\r\n$&`,
    );

    const base = page.getByLabel('Base context');
    const shown = (words: string) =>
      until('the context', async () => (await base.inputValue()).includes(words));

    const file = join(site.folder, 'context');
    await writeFile(file, context);
    await page.getByLabel('Open a file').setInputFiles(file);
    await shown('é');
    expect(String(await download(page, 'Master'))).toBe(master);

    const dropped = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'context'));
      return data;
    }, `${context}dropped\r\n`);
    await base.dispatchEvent('drop', { dataTransfer: dropped });
    await shown('dropped');
    expect(String(await download(page, 'Master'))).toBe(`${master}dropped\r\n`);

    await writeFile(file, gzipSync(context));
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByText('It is gzip as a whole').waitFor();
    expect(String(gunzipSync(await download(page, 'Master')))).toBe(master);
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('button', { name: 'Remove it' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Put the block into a MIME part of its own' }).click();
    await shown('text/amiconfig-user-data');
    await page.getByText('Images without the new agent').waitFor({ state: 'detached' });

    await writeFile(file, Buffer.from([0xff, 0x00]));
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByText('context is not text in UTF-8').waitFor();
    expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([]);
  });

  it('keeps the pasted context for the next PIN', async () => {
    const page = await site.signedIn();
    await getPin(page);
    await page.getByLabel('Base context').fill('[ucernvm-begin]\nmine=1\n[ucernvm-end]\n');
    const pin = await getPin(page);
    const text = String(await download(page, 'Worker'));
    expect(text).toContain('mine=1');
    expect(text).toContain(pin);
  });

  it('works without scripts up to seeing the PIN', async () => {
    const page = await site.signedIn({ javaScriptEnabled: false });
    expect(await getPin(page)).toMatch(/^[a-z0-9]{12}$/);
  });

  it('lets the user sign in again in another tab, and continue', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    const problem = page.getByRole('alert').filter({ hasText: 'session' });
    await problem.waitFor();
    expect(await problem.innerText()).toBe(
      'Your session has ended. Sign in again in a new tab, then go on here.',
    );
    const opened = page.context().waitForEvent('page');
    await problem.getByRole('link', { name: 'Sign in again' }).click();
    const tab = await opened;
    await signInAtProvider(tab);
    await tab.waitForURL(`${site.service.url}/`);
    expect(await page.locator('#pin').innerText()).toBe(pin);
    expect(await getPin(page)).not.toBe(pin);
    expect(await problem.count()).toBe(0);
  });

  it('signs out here and at CERN SSO, and comes back', async () => {
    const page = await site.signedIn();
    const visited: string[] = [];
    page.on('framenavigated', (frame) => visited.push(frame.url()));
    await page.getByRole('button', { name: 'Sign out' }).click();
    const signIn = page.getByRole('link', { name: 'Sign in with CERN SSO' });
    await signIn.waitFor();
    expect(page.url()).toBe(`${site.service.url}/`);
    const { issuer } = site.service.provider;
    // Without a question there.
    expect(visited.some((url) => url.startsWith(`${issuer}/protocol/openid-connect/logout?`))).toBe(
      true,
    );
  });

  it('signs in by two tabs that are at CERN SSO at the same time, and by Back', async () => {
    const first = await site.open();
    const second = await first.context().newPage();
    await second.goto(site.service.url);
    for (const tab of [first, second]) {
      await tab.getByRole('link', { name: 'Sign in with CERN SSO' }).click();
      await tab.getByLabel('User').waitFor();
    }
    for (const tab of [first, second]) {
      await signInAtProvider(tab);
      await tab.waitForURL(`${site.service.url}/`);
      await tab.getByText('Signed in as').waitFor();
      expect(await tab.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0);
    }

    // Back to the form of CERN SSO, which is sent once more.
    await first.goBack();
    await first.goto(site.service.url);
    await first.getByText('Signed in as').waitFor();
    await first.reload();
    expect(await first.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0);
  });

  it('says how to get the role that is missing', async () => {
    const own = await PageUnderTest.start({ REQUIRED_ROLE: 'pin-issuer', ROLE_HELP: 'Ask Marie.' });
    try {
      const page = await own.signedIn({}, 'lmeitner', 'other');
      await page.getByText('Ask Marie.').waitFor();
      expect(await page.getByRole('heading', { name: 'New cluster' }).count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Get a PIN' }).count()).toBe(0);
    } finally {
      await own.stop();
    }
  });

  it.each<[string, BrowserContextOptions]>([
    ['a desktop', {}],
    ['a phone', { viewport: { width: 375, height: 800 } }],
  ])('keeps its header in shape for a very long name, on %s', async (_, options) => {
    const page = await site.signedIn(options, 'a'.repeat(250));
    const button = page.getByRole('button', { name: 'Sign out' });
    const { x, width } = (await button.boundingBox())!;
    const { width: screen } = page.viewportSize()!;
    expect(x + width).toBeLessThanOrEqual(screen);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(screen);
    const header = (await page.locator('header').boundingBox())!;
    expect(header.height).toBeLessThan(160);
  });

  it("lets only an admin list and revoke everyone's PINs", async () => {
    const theirs = await getPin(await site.signedIn({}, 'lmeitner'));
    const user = await site.signedIn();
    await getPin(user);
    expect(await row(user, theirs).count()).toBe(0);
    expect(await user.getByLabel("everyone's").isVisible()).toBe(false);

    const admin = await site.signedIn({}, 'root', 'pin-admin');
    await admin.getByLabel("everyone's").check();
    await row(admin, theirs).getByRole('cell', { name: 'lmeitner' }).waitFor();
    admin.on('dialog', (dialog) => void dialog.accept());
    await row(admin, theirs).getByRole('button', { name: 'Revoke' }).click();
    await row(admin, theirs).getByRole('cell', { name: 'ended: revoked' }).waitFor();
  });

  describe.each<[string, BrowserContextOptions]>([
    ['on a desktop', {}],
    ['on a phone', { viewport: { width: 375, height: 800 } }],
    ['in the dark', { colorScheme: 'dark' }],
  ])('%s', (_, options) => {
    it('passes axe, and fits the screen', async () => {
      // axe is put in from outside, which the page's own policy forbids.
      const ours = { ...options, bypassCSP: true };
      expect(await faultsOf(await site.open(ours))).toEqual([]);

      const page = await site.signedIn(ours, 'root', 'pin-admin');
      const pin = await getPin(page, 'Analysis of what came out of run 3, '.repeat(5));
      for (const value of ['10.10.25.5', '10.10.25.6']) {
        await site.service.addKey(pin, 'master_ip', value);
      }
      await page.getByText('Two machines claim').waitFor();
      await page.getByLabel("everyone's").check();
      await page.getByRole('cell', { name: 'root' }).first().waitFor();
      expect(await faultsOf(page)).toEqual([]);

      await page.context().clearCookies();
      await page.getByRole('button', { name: 'Get a PIN' }).click();
      await page.getByText('Your session has ended').waitFor();
      expect(await faultsOf(page)).toEqual([]);
    });
  });

  async function faultsOf(page: Page): Promise<unknown[]> {
    await page.addScriptTag({ path: axeScript });
    const faults: unknown[] = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
    );
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    if (width > page.viewportSize()!.width) faults.push(`${width} px wide`);
    return faults;
  }

  it('has a small script', async () => {
    expect(gzipSync(await readFile('dist/web/browser/page.js')).length).toBeLessThan(60 * 1024);
  });
});
