import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../dev/browser.js';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import type { IssuanceFeeds } from '../../src/events/issuance-feeds.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import type { InProcessService } from '../support/in-process.js';
import {
  closePages,
  type Cookies,
  faultsOf,
  openPage,
  sessionOf,
  signInAtProvider,
} from '../support/page.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { secrets } from '../support/secrets.js';
import { settingsFor, startProvider } from '../support/service.js';

const MINUTE = HOUR / 60;
const ROLE = 'pin-issuer';

describe('An open page', () => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let provider: IdentityProvider;
  let service: InProcessService;
  let feeds: IssuanceFeeds;
  let browser: Browser;

  beforeAll(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    provider = cleanUp.add(await startProvider({ redirectUris: [`${url}/sign-in/callback`] }));
    // Not before the provider's libraries are there, one of which Jest cannot load both ways at once.
    const { InProcessService: InProcess } = await import('../support/in-process.js');
    const { IssuanceFeeds: Feeds } = await import('../../src/events/issuance-feeds.js');
    service = cleanUp.add(
      await InProcess.start(clock, {
        PORT: String(port),
        PUBLIC_URL: url,
        ...settingsFor(provider),
        REQUIRED_ROLE: ROLE,
      }),
    );
    feeds = service.get(Feeds);
    browser = cleanUp.add(await launchBrowser());
  });
  afterEach(() => closePages(browser));
  afterAll(() => cleanUp.run());

  // The page's own policy forbids axe, which is put in from outside.
  const open = (path = '/', cookies: Cookies = []): Promise<Page> =>
    openPage(browser, service.url + path, { bypassCSP: true }, cookies);

  const signedIn = async (path = '/') => open(path, await sessionOf(service.url, 'mcurie', ROLE));
  /** Hides the tab, or shows it again. */
  const turn = (page: Page, hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { get: () => value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  const isLive = (page: Page) =>
    page
      .getByRole('status')
      .filter({ hasText: /^Live$/ })
      .waitFor();

  it('says that the session has ended, and leads back to itself after a sign-in', async () => {
    const { id } = await service.issue('Long ago');
    const page = await signedIn(`/clusters/${id}`);
    await isLive(page);
    clock.advance(12 * HOUR);
    feeds.sendHeartbeats(); // which also look at the sessions
    const note = page.getByRole('alert').filter({ hasText: 'Your session has ended' });
    await note.waitFor();
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.getByText('The service does not answer').count()).toBe(0);
    await note.getByRole('link', { name: 'Sign in again' }).click();
    await signInAtProvider(page, 'mcurie', ROLE);
    await page.waitForURL(`${service.url}/clusters/${id}`);
    await page.getByRole('heading', { name: 'Long ago', level: 1 }).waitFor();
  });

  it('goes on when another tab has signed in again', async () => {
    const page = await signedIn();
    await isLive(page);
    clock.advance(12 * HOUR);
    feeds.sendHeartbeats();
    await page.getByText('Your session has ended').waitFor();
    const other = await page.context().newPage();
    await other.goto(service.url);
    await other.getByRole('link', { name: 'Sign in with CERN SSO' }).click();
    await signInAtProvider(other, 'mcurie', ROLE);
    await isLive(other);
    await other.close();
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await isLive(page);
    expect(await page.getByText('Your session has ended').count()).toBe(0);
  });

  it('says that the role was lost, and what to do', async () => {
    const page = await signedIn();
    await isLive(page);
    provider.setRoles('mcurie', []);
    try {
      clock.advance(5 * MINUTE);
      feeds.sendHeartbeats();
      const note = page.getByRole('alert').filter({ hasText: 'no longer has the role' });
      await note.waitFor();
      expect(await note.innerText()).toContain('Ask the operator');
      expect(await faultsOf(page)).toEqual([]);
    } finally {
      provider.setRoles('mcurie', [ROLE]);
    }
  });

  it('shows that a PIN has expired, in the list and to those who watch it', async () => {
    const { pin } = await service.issue('Expires soon');
    clock.advance(24 * HOUR - 3 * MINUTE); // so that the session does not end with the PIN
    const list = await signedIn();
    const row = list.getByRole('listitem').filter({ hasText: 'Expires soon' });
    await row.getByText('Waiting for master').waitFor();
    const watching = await open('/pin');
    await watching.getByLabel('PIN', { exact: true }).fill(pin);
    await watching.getByRole('button', { name: 'Watch' }).click();
    await watching.getByText('Waiting for master').first().waitFor();
    clock.advance(3 * MINUTE + 100);
    await watching.getByText('No machine can use it any more').waitFor();
    expect(await watching.getByText('Ended', { exact: true }).count()).toBeGreaterThan(0);
    expect(await watching.getByText(/for one cluster/).count()).toBe(0);
    await row.getByText('Never used').waitFor();
    expect(await faultsOf(watching)).toEqual([]);
    expect(await faultsOf(list)).toEqual([]);
  });

  it('says what to do when no master comes, with a command for the machine', async () => {
    const { id } = await service.issue('Slow');
    const page = await signedIn(`/clusters/${id}`);
    await page.getByText('Start the machines').waitFor();
    await page.clock.install({ time: clock.now() + 12 * MINUTE });
    await page.reload();
    const advice = page.getByRole('region', { name: 'No master for 12' });
    await advice.waitFor();
    expect(await advice.innerText()).toContain(`curl -fsS ${service.url}/health/live`);
  });

  it('connects again after the computer has slept', async () => {
    const page = await signedIn();
    await isLive(page);
    let streams = 0;
    page.on('request', (request) => (streams += Number(request.url().endsWith('/events'))));
    await turn(page, true);
    await turn(page, false);
    expect(streams).toBe(0); // it was hidden for a moment only
    await page.clock.install({ time: Date.now() });
    await turn(page, true);
    await page.clock.fastForward(60_000);
    await turn(page, false);
    await until('a new stream', () => streams === 1);
    await isLive(page);
  });

  it('has no stream of its PIN while it is hidden, and the state of now when it is seen again', async () => {
    const page = await signedIn('/new');
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    const pin = await page.locator('#pin').innerText();
    secrets.secret('a PIN', pin);
    await page.getByRole('link', { name: 'Start and watch' }).click();
    await page.getByText('Waiting for master').waitFor();
    await turn(page, true);
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    await page.getByText('Master starting', { exact: true }).waitFor(); // by the record
    expect(await page.getByText('10.10.25.5').count()).toBe(0);
    await turn(page, false);
    await page.getByText('10.10.25.5').waitFor();
  });
});
