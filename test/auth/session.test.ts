import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { problem } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { type HostedService, hostService } from '../support/hosted-service.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { startProvider } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

describe('Signing in with a browser', () => {
  const cleanUp = new CleanUp();
  let provider: IdentityProvider;
  let service: HostedService;

  beforeAll(async () => {
    const port = await freePort();
    provider = cleanUp.add(
      await startProvider({ redirectUris: [`http://localhost:${port}/sign-in/callback`] }),
    );
    service = cleanUp.add(
      await hostService(
        { PORT: String(port), ADMIN_ROLE: 'pin-admin', REQUIRED_ROLE: 'pin-issuer' },
        provider,
      ),
    );
  });
  afterAll(() => cleanUp.run());

  const signedIn = async (...roles: string[]) => {
    const client = new CookieClient();
    await client.signIn(service.url, 'mcurie', 'pin-issuer', ...roles);
    return client;
  };
  const issue = (
    client: CookieClient,
    headers: Record<string, string> = SAME_ORIGIN,
    at: HostedService = service,
  ) => client.fetch(`${at.url}/api/v1/clusters`, { method: 'POST', headers });

  it('leads to the page, with a session that issues PINs to the user', async () => {
    const client = new CookieClient();
    const back = await client.signIn(service.url, 'mcurie', 'pin-issuer');
    expect(back.headers.get('location')).toBe(`${service.url}/`);
    expect((await issue(client)).status).toBe(201);
    const list = await client.fetch(`${service.url}/api/v1/issuances`);
    expect(await list.json()).toMatchObject({ issuances: [{ owner: 'mcurie' }] });
  });

  it('sets an encrypted cookie that scripts and other sites cannot read', async () => {
    const client = new CookieClient();
    const { headers } = await client.signIn(service.url, 'lmeitner', 'pin-issuer');
    const cookie = headers.getSetCookie().find((line) => line.startsWith('session='));
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).not.toContain('lmeitner');
  });

  it('asks CERN SSO for a code with PKCE, a state and a nonce', async () => {
    const { headers } = await new CookieClient().fetch(`${service.url}/sign-in`);
    const { searchParams } = new URL(headers.get('location')!);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${service.url}/sign-in/callback`,
    });
  });

  it('refuses a response with another state, a second time, or without a request', async () => {
    const lost = '/?problem=sign-in-lost';
    const client = new CookieClient();
    const callback = await client.callbackOf(service.url);
    const forged = new URL(callback);
    forged.searchParams.set('state', 'x'.repeat(43));
    const locationOf = async (by: CookieClient, url: URL) =>
      (await by.fetch(url)).headers.get('location');
    expect(await locationOf(new CookieClient(), callback)).toBe(lost);
    expect(await locationOf(client, forged)).toBe(lost);
    expect((await issue(client)).status).toBe(401);
    expect(await locationOf(client, callback)).toBe(`${service.url}/`);
    const copy = new CookieClient();
    expect(await locationOf(copy, callback)).toBe(lost);
    expect((await issue(copy)).status).toBe(401);
  });

  it('refuses a response with another nonce, or with the code of another browser', async () => {
    const failed = '/?problem=sign-in-failed';
    const client = new CookieClient();
    const authorization = await client.authorizationOf(service.url);
    authorization.searchParams.set('nonce', 'x'.repeat(43));
    const replayed = await client.toCallback(authorization);
    expect((await client.fetch(replayed)).headers.get('location')).toBe(failed);

    const injected = await client.callbackOf(service.url);
    const stolen = await new CookieClient().callbackOf(service.url, 'lmeitner');
    injected.searchParams.set('code', stolen.searchParams.get('code')!);
    expect((await client.fetch(injected)).headers.get('location')).toBe(failed);
  });

  it('redirects only to its own page', async () => {
    const client = new CookieClient();
    const begun = await client.fetch(`${service.url}/sign-in?redirect_uri=https://evil.example`, {
      headers: { 'x-forwarded-host': 'evil.example' },
    });
    const { searchParams } = new URL(begun.headers.get('location')!);
    expect(searchParams.get('redirect_uri')).toBe(`${service.url}/sign-in/callback`);

    const callback = await client.callbackOf(service.url);
    callback.searchParams.set('redirect', 'https://evil.example');
    const back = await client.fetch(callback, { headers: { 'x-forwarded-host': 'evil.example' } });
    expect(back.headers.get('location')).toBe(`${service.url}/`);
  });

  it('ends when the cookie was tampered with', async () => {
    const client = await signedIn();
    const seal = client.cookies(service.url).get('session')!;
    client.setCookie(service.url, 'session', seal.slice(0, 60) + 'x' + seal.slice(61));
    expect((await issue(client)).status).toBe(401);
  });

  it('requires a role, like a token', async () => {
    const client = new CookieClient();
    await client.signIn(service.url, 'mcurie', 'other');
    const refused = await issue(client);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual(problem(403, 'role-required'));
  });

  it('knows an admin', async () => {
    const everyone = `${service.url}/api/v1/issuances?owner=*`;
    expect((await (await signedIn('pin-admin')).fetch(everyone)).status).toBe(200);
    expect((await (await signedIn()).fetch(everyone)).status).toBe(403);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['another origin, by an older browser', { origin: 'https://evil.example' }],
    ['nobody knows where', {}],
  ])('allows no change for %s', async (_, headers) => {
    const refused = await issue(await signedIn(), headers);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual(problem(403, 'cross-site'));
  });

  it('allows a change for an older browser that sends our origin', async () => {
    expect((await issue(await signedIn(), { origin: service.url })).status).toBe(201);
  });

  it('prefers a bearer token, which needs no origin, to the session', async () => {
    const client = await signedIn();
    const authorization = `Bearer ${await service.token('lmeitner', 'pin-issuer')}`;
    expect((await issue(client, { authorization })).status).toBe(201);
    expect((await issue(client, { authorization: 'Bearer x' })).status).toBe(401);
  });

  it('ends by signing out, also at CERN SSO', async () => {
    const client = await signedIn();
    const url = `${service.url}/sign-out`;
    await client.fetch(url, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } });
    expect((await issue(client)).status).toBe(201);
    const page = await client.fetch(url, { method: 'POST', headers: SAME_ORIGIN });
    expect((await issue(client)).status).toBe(401);

    const [, href = ''] = /url=(.*?)"/.exec(await page.text()) ?? [];
    const there = new URL(href.replaceAll('&amp;', '&'));
    expect(there.href).toContain(`${provider.issuer}/protocol/openid-connect/logout?`);
    expect(there.searchParams.get('post_logout_redirect_uri')).toBe(
      `${service.url}/sign-in/callback`,
    );
    expect((await client.fetch(there)).status).toBe(200);
  });

  describe('when SESSION_SECRET changes', () => {
    const rotation = new CleanUp();
    afterEach(() => rotation.run());

    it('continues with SESSION_SECRET_PREVIOUS, and ends without it', async () => {
      const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];
      const PORT = String(await freePort());
      const DATA_DIR = await mkdtemp(join(tmpdir(), 'pairing-'));
      rotation.add({ close: () => rm(DATA_DIR, { recursive: true }) });
      const redirectUris = [`http://localhost:${PORT}/sign-in/callback`];
      const own = rotation.add(await startProvider({ redirectUris }));
      const start = async (env: NodeJS.ProcessEnv) =>
        rotation.add(await hostService({ PORT, DATA_DIR, ...env }, own));
      const client = new CookieClient();

      const before = await start({ SESSION_SECRET: first });
      await client.signIn(before.url);
      await before.stop();

      const after = await start({ SESSION_SECRET: second, SESSION_SECRET_PREVIOUS: first });
      expect((await issue(client, SAME_ORIGIN, after)).status).toBe(201);
      await after.stop();

      const later = await start({ SESSION_SECRET: second });
      expect((await issue(client, SAME_ORIGIN, later)).status).toBe(401);
    }, 120_000);
  });

  it('shows on the page that CERN SSO does not answer', async () => {
    const gone = await startProvider();
    const lonely = cleanUp.add(await hostService({}, gone));
    await gone.close();
    await until('the page to say so', async () => {
      const { headers } = await new CookieClient().fetch(`${lonely.url}/sign-in`);
      return headers.get('location') === '/?problem=sso-unavailable';
    });
    const page = await fetch(`${lonely.url}/?problem=sso-unavailable`);
    expect(await page.text()).toContain('CERN SSO does not answer');
  });
});
