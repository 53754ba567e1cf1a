import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { launchBrowser } from '../support/browser.js';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { type Service, startProvider, startService } from '../support/service.js';

describe('Swagger UI', () => {
  const cleanUp = new CleanUp();
  let provider: IdentityProvider;
  let service: Service;
  let browser: Browser;

  beforeAll(async () => {
    const port = await freePort();
    provider = cleanUp.add(
      await startProvider({ redirectUris: [`http://localhost:${port}/sign-in/callback`] }),
    );
    service = cleanUp.add(await startService({ PORT: String(port) }, provider));
    browser = cleanUp.add(await launchBrowser());
  });
  afterAll(() => cleanUp.run());

  it('issues a PIN by "Try it out" in the name of who has signed in', async () => {
    const page = await browser.newPage();
    await page.goto(`${service.url}/sign-in`);
    await page.getByLabel('User').fill('lmeitner');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${service.url}/`);

    await page.goto(`${service.url}/api/docs`);
    const operation = page.locator('#operations-clusters-issuePin');
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table');
    await answer.waitFor();
    expect(await answer.innerText()).toMatch(/201[\s\S]*"pin": "[a-z0-9]{12}"/);
  });
});
