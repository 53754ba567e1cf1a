import { CookieClient } from './cookie-client.ts';

const MAX_STEPS = 12;

/**
 * Confirms a device sign-in (RFC 8628) at the development identity provider, as a person with a browser:
 * opens the address with the code in it, signs in and presses each button until the provider is done.
 */
export async function confirmDevice(address: string, user: string): Promise<void> {
  const browser = new CookieClient();
  let url = new URL(address);
  let response = await browser.fetch(url);
  for (let step = 0; step < MAX_STEPS; step++) {
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url);
      response = await browser.fetch(url);
      continue;
    }
    const page = await response.text();
    if (page.includes('Go on at the command line')) return;
    const [form] = /<form[^>]*>/.exec(page) ?? [];
    if (form === undefined) throw new Error(`${url.pathname} answered ${response.status}: ${page}`);
    const fields = new URLSearchParams(
      [...page.matchAll(/<input[^>]*>/g)].map(([input]): [string, string] => [
        attribute(input, 'name'),
        attribute(input, 'name') === 'user' ? user : attribute(input, 'value'),
      ]),
    );
    url = new URL(attribute(form, 'action') || url.href, url);
    response = await browser.fetch(url, { method: 'POST', body: fields });
  }
  throw new Error('The provider asks on and on.');
}

function attribute(tag: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? '';
}
