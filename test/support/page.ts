import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { launchBrowser } from '../../dev/browser.js';
import { CleanUp } from './clean-up.js';
import { freePort } from './ports.js';
import { secrets } from './secrets.js';
import { type Service, startProvider, startService } from './service.js';

/** The running service, an identity provider that redirects to its page, and a browser. */
export class PageUnderTest {
  private constructor(
    private readonly cleanUp: CleanUp,
    private readonly env: NodeJS.ProcessEnv,
    private readonly provider: IdentityProvider,
    private readonly browser: Browser,
    /** For files of the test. */
    readonly folder: string,
    public service: Service,
  ) {}

  static async start(env: NodeJS.ProcessEnv = {}): Promise<PageUnderTest> {
    const cleanUp = new CleanUp();
    const folder = await mkdtemp(join(tmpdir(), 'pairing-page-'));
    cleanUp.add({ close: () => rm(folder, { recursive: true }) });
    const port = await freePort();
    const redirectUris = [`http://localhost:${port}/sign-in/callback`];
    const provider = cleanUp.add(await startProvider({ redirectUris }));
    const own = { ...env, PORT: String(port), DATA_DIR: join(folder, 'data') };
    const service = cleanUp.add(await startService(own, provider));
    const browser = cleanUp.add(await launchBrowser());
    return new PageUnderTest(cleanUp, own, provider, browser, folder, service);
  }

  /** Starts the service again with the same port and data. */
  async restart(): Promise<void> {
    this.service = this.cleanUp.add(await startService(this.env, this.provider));
  }

  /** The page in a new browser profile. */
  async open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await this.browser.newContext(options)).newPage();
    page.setDefaultTimeout(10_000); // sooner than the test's, so that it says what was awaited
    await page.goto(this.service.url);
    return page;
  }

  async signedIn(options: BrowserContextOptions = {}, user = 'mcurie', role = ''): Promise<Page> {
    const page = await this.open(options);
    await page.getByRole('link', { name: 'Sign in with CERN SSO' }).click();
    await signInAtProvider(page, user, role);
    await page.waitForURL(`${this.service.url}/`);
    return page;
  }

  stop(): Promise<void> {
    return this.cleanUp.run();
  }
}

export async function signInAtProvider(page: Page, user = 'mcurie', role = ''): Promise<void> {
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Roles').fill(role);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function getPin(page: Page, description = ''): Promise<string> {
  const pin = page.locator('#pin');
  const before = (await pin.count()) ? await pin.innerText() : '';
  await page.getByLabel('What is it for?').fill(description);
  await page.getByRole('button', { name: 'Get a PIN' }).click();
  await page
    .locator('#pin:not(:empty)')
    .filter({ hasNotText: before || /^$/ })
    .waitFor();
  const issued = await pin.innerText();
  secrets.secret('a PIN', issued);
  return issued;
}

/** The bytes of a context that the page offers for download. */
export async function download(page: Page, role: 'Master' | 'Worker'): Promise<Buffer> {
  const started = page.waitForEvent('download');
  await page.getByRole('link', { name: `${role}'s context` }).click();
  return readFile(await (await started).path());
}
