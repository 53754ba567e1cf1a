import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PageUnderTest } from '../support/page.js';

describe('Swagger UI', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start();
  });
  afterAll(() => site.stop());

  it('issues a PIN to the signed-in user by "Try it out"', async () => {
    const page = await site.signedIn({}, 'lmeitner');
    await page.goto(`${site.service.url}/api/docs`);
    const operation = page.locator('#operations-clusters-issuePin');
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table');
    await answer.waitFor();
    expect(await answer.innerText()).toMatch(/201[\s\S]*"pin": "[a-z0-9]{12}"/);
  });
});
