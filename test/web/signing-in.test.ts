import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { PageUnderTest, signInAtProvider } from '../support/page.js';

describe('Signing in to the page', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start();
  });
  afterEach(() => site.closePages());
  afterAll(() => site.stop());

  const problems = (page: Page) => page.getByRole('alert').filter({ hasText: /./ }).count();

  it('leads back to the page that was asked for', async () => {
    const owner = await site.signedIn();
    await site.issue('mcurie', { description: 'A link to send' });
    await owner.reload();
    await owner.getByRole('link', { name: 'A link to send' }).click();
    await owner.waitForURL(/\/clusters\//);

    const page = await site.open();
    await page.goto(owner.url());
    await page.getByRole('link', { name: 'Sign in with CERN SSO' }).click();
    await signInAtProvider(page);
    await page.waitForURL(owner.url());
    await page.getByRole('heading', { name: 'A link to send', level: 1 }).waitFor();

    const stranger = await site.signedIn({}, 'lmeitner');
    await stranger.goto(owner.url());
    await stranger.getByText('There is no such cluster').waitFor();
    expect(await stranger.content()).not.toContain('A link to send');
  });

  it('leads to no other site', async () => {
    const page = await site.open();
    for (const to of [
      '//evil.example',
      'https://evil.example/',
      '/clusters/../../evil',
      '/api/docs',
    ]) {
      await page.context().clearCookies();
      await page.goto(`${site.service.url}/sign-in?to=${encodeURIComponent(to)}`);
      await signInAtProvider(page);
      await page.waitForURL(`${site.service.url}/`);
      expect(await problems(page)).toBe(0);
    }
  });

  it('ends here and at CERN SSO, and comes back', async () => {
    const page = await site.signedInByForm();
    const visited: string[] = [];
    page.on('framenavigated', (frame) => visited.push(frame.url()));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in with CERN SSO' }).waitFor();
    expect(page.url()).toBe(`${site.service.url}/`);
    const { issuer } = site.service.provider;
    // Without a question there.
    expect(visited.some((url) => url.startsWith(`${issuer}/protocol/openid-connect/logout?`))).toBe(
      true,
    );
  });

  it('works in two tabs that are at CERN SSO at the same time, and by Back', async () => {
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
      expect(await problems(tab)).toBe(0);
    }

    // Back to the form of CERN SSO, which is sent once more.
    await first.goBack();
    await first.goto(site.service.url);
    await first.getByText('Signed in as').waitFor();
    await first.reload();
    expect(await problems(first)).toBe(0);
  });

  it('tells how to get the role that is missing', async () => {
    const settings = { REQUIRED_ROLE: 'pin-issuer', ROLE_HELP: 'Ask Marie.' };
    const own = await PageUnderTest.start(settings, site.browser);
    try {
      const page = await own.signedIn({}, 'lmeitner', 'other');
      for (const path of ['/', '/new', '/clusters/some']) {
        await page.goto(own.service.url + path);
        await page.getByText('Ask Marie.').waitFor();
        expect(await page.getByRole('button', { name: 'Get a PIN' }).count()).toBe(0);
      }
    } finally {
      await own.stop();
    }
  });

  it.each<[string, BrowserContextOptions]>([
    ['a desktop', {}],
    ['a phone', { viewport: { width: 375, height: 800 } }],
  ])('keeps the header in shape for a very long name, on %s', async (_, options) => {
    const page = await site.signedIn(options, 'a'.repeat(250));
    const button = page.getByRole('button', { name: 'Sign out' });
    const { x, width } = (await button.boundingBox())!;
    const { width: screen } = page.viewportSize()!;
    expect(x + width).toBeLessThanOrEqual(screen);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(screen);
    const header = (await page.locator('header').boundingBox())!;
    expect(header.height).toBeLessThan(160);
  });
});
