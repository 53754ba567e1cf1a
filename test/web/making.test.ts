import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { download, getPin, PageUnderTest, signInAtProvider } from '../support/page.js';
import { until } from '../support/process.js';

describe('Making a cluster', () => {
  let site: PageUnderTest;

  beforeAll(async () => {
    site = await PageUnderTest.start();
  });
  afterEach(() => site.closePages());
  afterAll(() => site.stop());

  const base = (page: Page) => page.getByLabel('Base context', { exact: true });
  const context = (page: Page, role: 'master' | 'worker') =>
    page.getByRole('region', { name: `The ${role}’s context, line by line` });

  it('gives a PIN, both contexts with the changed lines marked, and the commands to type', async () => {
    const page = await site.signedIn();
    await page.getByRole('link', { name: 'New cluster' }).click();
    await page.getByLabel('What is it for?').fill('Run 3');
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    const pin = await page.locator('#pin').innerText();
    expect(pin).toMatch(/^[a-z0-9]{12}$/);
    await page.getByText(/Good for one cluster, 23\sh 59\smin more/).waitFor();
    for (const [role, flag] of [
      ['master', 'yes'],
      ['worker', 'no'],
    ] as const) {
      const written = [
        `cvm_cluster_pin=${pin}`,
        `cvm_service_url=${site.service.url}`,
        `cvm_cluster_master=${flag}`,
      ];
      expect(await context(page, role).getByRole('insertion').allInnerTexts()).toEqual(written);
      const text = String(await download(page, role));
      for (const line of written) expect(text).toContain(`${line}\n`);
    }

    await page.getByRole('link', { name: 'Next: start the machines' }).first().click();
    await page.getByRole('heading', { name: 'Start the machines', level: 1 }).waitFor();
    const commands = page.getByRole('region', { name: 'Commands' });
    for (const command of [
      /openstack server create .*--user-data master-context\.txt run-3-master/s,
      /openstack server create .*--user-data worker-context\.txt --min/s,
      `curl -fsS ${site.service.url}/api/v1/clusters/${pin}`,
      `cernvm-pairing watch ${pin}`,
    ]) {
      await commands.getByText(command).waitFor();
    }
  });

  it('copies the PIN', async () => {
    const page = await site.signedIn({ permissions: ['clipboard-read', 'clipboard-write'] });
    const pin = await getPin(page);
    await page.getByRole('button', { name: 'Copy the PIN' }).click();
    await page.getByRole('status').filter({ hasText: 'Copied: the PIN' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(pin);
  });

  it('reads a context that is opened or dropped, byte for byte, and sends it nowhere', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    const requests: string[] = [];
    page.on('request', (request) => request.method() !== 'GET' && requests.push(request.url()));
    const text = '\ufeff#cloud-config\r\n# [ucernvm-begin]\r\n# [ucernvm-end]\r\n# é\r\n';
    const master = text.replace(
      '# [ucernvm-end]',
      `# cvm_cluster_pin=${pin}\r\n# cvm_service_url=${site.service.url}\r\n# cvm_cluster_master=yes\r\n$&`,
    );
    const shown = (words: string) =>
      until('the context', async () => (await base(page).inputValue()).includes(words));

    const file = join(site.folder, 'context');
    await writeFile(file, text);
    await page.getByLabel('Open a file').setInputFiles(file);
    await shown('é');
    expect(String(await download(page, 'master'))).toBe(master);

    const dropped = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'context'));
      return data;
    }, `${text}dropped\r\n`);
    await base(page).dispatchEvent('drop', { dataTransfer: dropped });
    await shown('dropped');
    expect(String(await download(page, 'master'))).toBe(`${master}dropped\r\n`);

    await writeFile(file, gzipSync(text));
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByText('It is gzip as a whole').waitFor();
    expect(String(gunzipSync(await download(page, 'master')))).toBe(master);
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('button', { name: 'Remove it' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Put the block into a MIME part of its own' }).click();
    await shown('text/amiconfig-user-data');
    await page.getByText('Images without the new agent').waitFor({ state: 'detached' });

    await writeFile(file, Buffer.from([0xff, 0x00]));
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByText('context is not text in UTF-8').waitFor();
    expect(requests).toEqual([]);
  });

  it('marks the line that has a problem, and makes no context until it is mended', async () => {
    const page = await site.signedIn();
    await getPin(page);
    await base(page).fill('a\n\n[ucernvm-begin]\n');
    await page.getByText('The block in line 3 has no [ucernvm-end]').waitFor();
    expect(await page.locator('.gutter .marked').allInnerTexts()).toEqual(['3']);
    expect(await page.getByRole('link', { name: 'Download' }).count()).toBe(0);
    const [description] = (await base(page).getAttribute('aria-describedby'))!.split(' ');
    expect(await page.locator(`#${description}`).innerText()).toContain('line 3');

    await base(page).fill(`${'a\n'.repeat(100)}[ucernvm-begin]\n`);
    await page.getByRole('button', { name: 'Go to line 101' }).click();
    const place = await base(page).evaluate((area: HTMLTextAreaElement) => ({
      isFocused: document.activeElement === area,
      selected: area.value.slice(area.selectionStart, area.selectionEnd),
      isScrolled: area.scrollTop > 0,
    }));
    expect(place).toEqual({ isFocused: true, selected: '[ucernvm-begin]', isScrolled: true });

    await base(page).fill('a\n\n[ucernvm-begin]\n[ucernvm-end]\n');
    await page.getByText('workers will not learn').waitFor();
    expect(await page.getByRole('link', { name: 'Download' }).count()).toBe(2);
  });

  it('asks the master to wait for as many workers as are expected, if the context uses their addresses', async () => {
    const page = await site.signedIn();
    await page.getByRole('link', { name: 'New cluster' }).click();
    await page.getByLabel('How many workers?').fill('8');
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    await base(page).fill('hosts=###WORKER_IPS_PLACEHOLDER###\n[ucernvm-begin]\n[ucernvm-end]\n');
    await context(page, 'master').getByText('cvm_cluster_workers=8').waitFor();
    expect(await context(page, 'worker').innerText()).not.toContain('cvm_cluster_workers');
  });

  it('keeps the PIN and the context over a reload of the tab, and in no other tab', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    await base(page).fill('[ucernvm-begin]\nmine=1\n[ucernvm-end]\n');
    await page.reload();
    expect(await page.locator('#pin').innerText()).toBe(pin);
    expect(await base(page).inputValue()).toContain('mine=1');
    expect(String(await download(page, 'worker'))).toContain(`cvm_cluster_pin=${pin}`);

    const next = await getPin(page); // the context serves for another PIN as well
    expect(next).not.toBe(pin);
    expect(String(await download(page, 'worker'))).toContain('mine=1');

    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByText('This tab does not have the PIN').waitFor();
    await other.getByLabel('The PIN that begins with').fill('abcd efgh ijkl');
    await other.getByRole('button', { name: 'Watch' }).click();
    await other.getByText('This is the PIN of another cluster.').waitFor();
    await other.getByLabel('The PIN that begins with').fill(` ${next.toUpperCase()} `);
    await other.getByRole('button', { name: 'Watch' }).click();
    expect(await other.locator('#pin').innerText()).toBe(next);
  });

  it('goes on after the session has ended, with the PIN and the context of before', async () => {
    const page = await site.signedIn();
    const pin = await getPin(page);
    const contexts = page.url();
    await page.goto(`${site.service.url}/new`);
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    const problem = page
      .getByRole('alert')
      .filter({ hasText: 'Your session has ended. Sign in again and' });
    await problem.getByRole('link', { name: 'Sign in again' }).click();
    await signInAtProvider(page);
    await page.waitForURL(`${site.service.url}/new`);
    await page.goto(contexts);
    expect(await page.locator('#pin').innerText()).toBe(pin);
  });

  it('works without scripts up to seeing the PIN, the list, and revoking', async () => {
    const page = await site.signedInByForm({ javaScriptEnabled: false }, 'lmeitner');
    await page.getByLabel('What is it for?').fill('No scripts');
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    expect(await page.locator('#pin').innerText()).toMatch(/^[a-z0-9]{12}$/);
    await page.getByRole('link', { name: 'No scripts' }).click();
    await page.getByText('Master registered').waitFor();
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('revoked').waitFor();
  });

  it('shows the PIN also if the script came only after the form was sent', async () => {
    const page = await site.signedIn({}, 'ohahn');
    await page.route('**/assets/app-*', (route) => route.abort());
    await page.reload();
    await page.getByLabel('What is it for?').fill('A slow line');
    await page.unroute('**/assets/app-*');
    await page.getByRole('button', { name: 'Get a PIN' }).click();
    await page.waitForURL(/\/contexts$/);
    expect(await page.locator('#pin').innerText()).toMatch(/^[a-z0-9]{12}$/);
    await page.reload();
    expect(await page.locator('#pin').innerText()).toMatch(/^[a-z0-9]{12}$/);
  });

  it('may begin in Swagger UI, where "Try it out" issues the PIN to the signed-in user', async () => {
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

  it('has a small script', async () => {
    const script = /src="(\/assets\/app[^"]+)"/.exec(
      await (await fetch(site.service.url)).text(),
    )![1]!;
    expect(gzipSync(await readFile(`dist/web${script}`)).length).toBeLessThan(60 * 1024);
  });
});
