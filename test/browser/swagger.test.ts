import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { freePort } from '../support/ports.js';
import { type Service, startProvider, startService } from '../support/service.js';

describe('Swagger UI', () => {
  let provider: IdentityProvider;
  let service: Service;
  let browser: Browser;

  beforeAll(async () => {
    const port = await freePort();
    const publicUrl = `http://localhost:${port}`;
    provider = await startProvider({
      redirectUris: [`${publicUrl}/api/docs/oauth2-redirect.html`],
    });
    service = await startService({ PORT: String(port), PUBLIC_URL: publicUrl }, provider);
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
    await provider.close();
  });

  it('signs in by "Authorize" and issues a PIN by "Try it out"', async () => {
    const page = await browser.newPage();
    await page.goto(`${service.url}/api/docs`);
    await page.getByRole('button', { name: 'Authorize' }).first().click();

    const popup = page.waitForEvent('popup');
    await page
      .locator('.auth-container', { hasText: 'cern-sso' })
      .getByRole('button', { name: 'Apply given OAuth2 credentials' })
      .click();
    const signIn = await popup;
    await signIn.getByLabel('User').fill('lmeitner');
    const closed = signIn.waitForEvent('close');
    await signIn.getByRole('button', { name: 'Sign in' }).click();
    await closed;
    await page.locator('.btn-done').first().click();

    const operation = page.locator('#operations-clusters-issuePin');
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table');
    await answer.waitFor();
    expect(await answer.innerText()).toMatch(/201[\s\S]*"pin": "[a-z0-9]{12}"/);
  });
});
