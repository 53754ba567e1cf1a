import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { type Service, startProvider, startService } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

const PUBLIC_URL = 'https://pairing.example.org';

describe('Cookies of a service behind https', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  beforeAll(async () => {
    const redirectUris = [`${PUBLIC_URL}/sign-in/callback`];
    const provider = cleanUp.add(await startProvider({ redirectUris }));
    service = cleanUp.add(await startService({ PUBLIC_URL }, provider));
  });
  afterAll(() => cleanUp.run());

  it('are sent only to this host, only by https, not to scripts, and not with forms of other sites', async () => {
    const client = new CookieClient();
    const headers = { 'x-forwarded-host': 'pairing.example.org' };
    const begun = await client.fetch(`${service.url}/sign-in`, { headers });
    const authorization = new URL(begun.headers.get('location')!);
    authorization.searchParams.set('login_hint', 'mcurie');
    const { pathname, search } = await client.toCallback(authorization);
    const signedIn = await client.fetch(`${service.url}${pathname}${search}`);

    const cookies = [begun, signedIn].flatMap(({ headers }) => headers.getSetCookie());
    const given = cookies.filter((cookie) => !/^[^=]+=;/.test(cookie));
    expect(given.map((cookie) => cookie.split('=')[0])).toEqual([
      expect.stringMatching(/^__Host-sign-in-[\w-]+$/),
      '__Host-session',
    ]);
    for (const cookie of given) {
      const attributes = cookie.split('; ').slice(1);
      expect(attributes).toEqual(
        expect.arrayContaining(['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']),
      );
      expect(cookie).not.toMatch(/domain=/i);
    }
  });
});
