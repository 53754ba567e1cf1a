// Takes the pictures of docs/images: node dev/pictures.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { addKey } from './pairing-api.ts';
import { startDevelopmentService } from './service.ts';

const desktop = { viewport: { width: 1100, height: 800 } };
const pictures: Record<string, BrowserContextOptions> = {
  page: desktop,
  'page-dark': { ...desktop, colorScheme: 'dark' },
  'page-phone': { viewport: { width: 375, height: 800 }, deviceScaleFactor: 2 },
};

const folder = await mkdtemp(join(tmpdir(), 'pairing-pictures-'));
const service = await startDevelopmentService(Number(process.env.PORT ?? 3800), {
  ...process.env,
  DATA_DIR: folder,
  LOG_LEVEL: 'silent',
});
const browser = await launchBrowser();
try {
  if (!(await service.ready)) throw new Error('The service ended.');
  for (const [name, options] of Object.entries(pictures)) await take(name, options);
} finally {
  await browser.close();
  await service.stop();
  await rm(folder, { recursive: true });
}

/** The picture of a cluster whose master is ready and has two workers. */
async function take(name: string, options: BrowserContextOptions): Promise<void> {
  const page = await (await browser.newContext({ locale: 'en-GB', ...options })).newPage();
  await page.goto(`${service.url}/sign-in`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('What is it for?').fill('Run 3 reprocessing');
  await page.getByRole('button', { name: 'Get a PIN' }).click();
  await page.locator('#pin:not(:empty)').waitFor();
  const pin = await page.locator('#pin').innerText();
  await addKey(service.url, pin, 'master_ip', '10.10.25.5');
  await addKey(service.url, pin, 'master_ready', 'true');
  for (let worker = 0; worker < 2; worker++) {
    await fetch(`${service.url}/api/v1/clusters/${pin}/keys/master_ip`);
  }
  await page.getByText('2 workers have fetched the address').waitFor();
  await page.getByRole('cell', { name: 'ready' }).first().waitFor();
  await page.screenshot({ path: `docs/images/${name}.png`, fullPage: true });
}
