import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { launchBrowser } from '../support/browser.js';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { type Service, startProvider, startService } from '../support/service.js';

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('The pairing page', () => {
  const cleanUp = new CleanUp();
  let provider: IdentityProvider;
  let service: Service;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    const port = await freePort();
    provider = cleanUp.add(
      await startProvider({ redirectUris: [`http://localhost:${port}/sign-in/callback`] }),
    );
    service = cleanUp.add(await startService({ PORT: String(port) }, provider));
    browser = cleanUp.add(await launchBrowser());
    folder = await mkdtemp(join(tmpdir(), 'pairing-page-'));
    cleanUp.add({ close: () => rm(folder, { recursive: true }) });
  });
  afterAll(() => cleanUp.run());

  async function signedIn(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(service.url);
    await page.getByRole('link', { name: 'Sign in with CERN SSO' }).click();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${service.url}/`);
    return page;
  }

  async function getPin(page: Page, description = ''): Promise<string> {
    await page.getByLabel('What is it for?').fill(description);
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    await page.locator('#pin:not(:empty)').waitFor();
    return page.locator('#pin').innerText();
  }

  it('shows a PIN, makes both contexts, lists the PIN and revokes it', async () => {
    const page = await signedIn({ acceptDownloads: true });
    const pin = await getPin(page, 'Run 3');
    expect(pin).toMatch(/^[a-z0-9]{12}$/);
    for (const [name, role] of [
      ["Master's context", 'yes'],
      ["Worker's context", 'no'],
    ] as const) {
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name }).click();
      const file = join(folder, role);
      await (await download).saveAs(file);
      const text = await readFile(file, 'utf8');
      expect(text).toContain(`cvm_cluster_pin=${pin}\n`);
      expect(text).toContain(`cvm_cluster_master=${role}\n`);
      expect(text).toContain(`cvm_service_url=${service.url}\n`);
    }
    await page.getByLabel('Base context').fill('[ucernvm-begin]\n[ucernvm-end]\n');
    await page.getByText('workers will not learn').waitFor();

    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: `Revoke ${pin.slice(0, 4)}` }).click();
    await page.getByRole('cell', { name: 'ended: revoked' }).waitFor();
    expect((await fetch(`${service.url}/api/v1/clusters/${pin}`)).status).toBe(404);
  });

  it('works without scripts up to seeing the PIN', async () => {
    const page = await signedIn({ javaScriptEnabled: false });
    expect(await getPin(page)).toMatch(/^[a-z0-9]{12}$/);
  });

  it('says what to do when the session has ended', async () => {
    const page = await signedIn();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    const problem = page.getByRole('alert').filter({ hasText: 'sign in again' });
    await problem.waitFor();
    expect(await problem.innerText()).toBe(
      'Your session has ended. Reload the page and sign in again.',
    );
  });

  it.each<[string, BrowserContextOptions]>([
    ['on a desktop', {}],
    ['on a phone', { viewport: { width: 375, height: 800 } }],
    ['in the dark', { colorScheme: 'dark' }],
  ])('has no fault that axe finds %s', async (_, options) => {
    // axe is put in from outside, which the page's own policy forbids.
    const page = await signedIn({ ...options, bypassCSP: true });
    await getPin(page, 'Analysis');
    await page.addScriptTag({ path: axeScript });
    const violations = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
    );
    expect(violations).toEqual([]);
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(page.viewportSize()!.width);
  });

  it('has little script', async () => {
    expect(gzipSync(await readFile('dist/web/browser/page.js')).length).toBeLessThan(60 * 1024);
  });
});
