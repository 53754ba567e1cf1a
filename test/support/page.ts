import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { launchBrowser } from '../../dev/browser.js';
import { CleanUp } from './clean-up.js';
import { freePort } from './ports.js';
import { secrets } from './secrets.js';
import { type Service, startProvider, startService } from './service.js';
import { CookieClient } from './sign-in.js';

export type Cookies = Parameters<BrowserContext['addCookies']>[0];

/** The running service, an identity provider that redirects to its page, and a browser. */
export class PageUnderTest {
  private constructor(
    private readonly cleanUp: CleanUp,
    private readonly env: NodeJS.ProcessEnv,
    private readonly provider: IdentityProvider,
    readonly browser: Browser,
    /** For files of the test. */
    readonly folder: string,
    public service: Service,
  ) {}

  /** Starts it with these settings, in a browser of its own by default. */
  static async start(env: NodeJS.ProcessEnv = {}, running?: Browser): Promise<PageUnderTest> {
    const cleanUp = new CleanUp();
    const folder = await mkdtemp(join(tmpdir(), 'pairing-page-'));
    cleanUp.add({ close: () => rm(folder, { recursive: true }) });
    const port = await freePort();
    const redirectUris = [`http://localhost:${port}/sign-in/callback`];
    const provider = cleanUp.add(await startProvider({ redirectUris }));
    const own = { ...env, PORT: String(port), DATA_DIR: join(folder, 'data') };
    const service = cleanUp.add(await startService(own, provider));
    const browser = running ?? cleanUp.add(await launchBrowser());
    return new PageUnderTest(cleanUp, own, provider, browser, folder, service);
  }

  /** Starts the service again with the same port and data. */
  async restart(): Promise<void> {
    this.service = this.cleanUp.add(await startService(this.env, this.provider));
  }

  /** The page in a new browser profile. */
  open(options: BrowserContextOptions = {}, cookies: Cookies = []): Promise<Page> {
    return openPage(this.browser, this.service.url, options, cookies);
  }

  /** The page of a user who has signed in: with the cookie of the session, and no form that would be filled in. */
  async signedIn(options: BrowserContextOptions = {}, user = 'mcurie', role = ''): Promise<Page> {
    return this.open(options, await sessionOf(this.service.url, user, role));
  }

  /** The page of a user who has signed in by the form of the provider, as a person does. */
  async signedInByForm(
    options: BrowserContextOptions = {},
    user = 'mcurie',
    role = '',
  ): Promise<Page> {
    const page = await this.open(options);
    await page.getByRole('link', { name: 'Sign in with CERN SSO' }).click();
    await signInAtProvider(page, user, role);
    await page.waitForURL(`${this.service.url}/`);
    return page;
  }

  /** Issues a PIN to a user by the API. */
  async issue(user: string, body: object = {}): Promise<string> {
    const token = await this.service.token(user);
    const headers = { authorization: `Bearer ${token}` };
    const answer = await this.service.api('/clusters', { method: 'POST', headers, json: body });
    const { pin } = answer.json as { pin: string };
    secrets.secret('a PIN', pin);
    return pin;
  }

  closePages(): Promise<void> {
    return closePages(this.browser);
  }

  stop(): Promise<void> {
    return this.cleanUp.run();
  }
}

/** Opens a page in a new browser profile. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  cookies: Cookies,
): Promise<Page> {
  const context = await browser.newContext(options);
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000); // sooner than the test's, so that it says what was awaited
  await page.goto(url);
  return page;
}

/** Closes all pages: animations on those that no test needs any more cost CPU. */
export async function closePages(browser: Browser): Promise<void> {
  for (const context of browser.contexts()) await context.close();
}

/** The cookies of a user who has signed in to the service at this URL. */
export async function sessionOf(url: string, user: string, role: string): Promise<Cookies> {
  const client = new CookieClient();
  await client.signIn(url, user, ...role.split(' '));
  return [...client.cookies(url)].map(([name, value]) => ({ name, value, url }));
}

export async function signInAtProvider(page: Page, user = 'mcurie', role = ''): Promise<void> {
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Roles').fill(role);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Makes a cluster up to its contexts, and returns the PIN. */
export async function getPin(page: Page, description = ''): Promise<string> {
  await page.goto(new URL('/new', page.url()).href);
  await page.getByLabel('What is it for?').fill(description);
  await page.getByRole('button', { name: 'Get a PIN' }).click();
  const pin = await page.locator('#pin').innerText();
  secrets.secret('a PIN', pin);
  return pin;
}

/** The bytes of a context that the page offers for download. */
export async function download(page: Page, role: 'master' | 'worker'): Promise<Buffer> {
  const started = page.waitForEvent('download');
  await page.getByRole('link', { name: `Download the ${role}’s context` }).click();
  return readFile(await (await started).path());
}

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds wrong with a page, and whether it is wider than the screen. Its context must have `bypassCSP`. */
export async function faultsOf(page: Page): Promise<unknown[]> {
  if (await page.evaluate('typeof axe === "undefined"')) {
    await page.addScriptTag({ path: axeScript });
  }
  const faults: unknown[] = await page.evaluate(
    'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
  );
  const width: number = await page.evaluate('document.documentElement.scrollWidth');
  if (width > page.viewportSize()!.width) faults.push(`${width} px wide`);
  return faults;
}
