import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault, IdentityProvider } from '../../dev/identity-provider.js';
import { createCertificate } from '../support/certificate.js';
import { CleanUp } from '../support/clean-up.js';
import { type HostedService, hostService } from '../support/hosted-service.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { type Service, startProvider, startService } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };
const TOKEN = '/protocol/openid-connect/token';

async function startBoth(
  cleanUp: CleanUp,
  env: NodeJS.ProcessEnv = {},
  options: Parameters<typeof startProvider>[0] = {},
  start: typeof startService | typeof hostService = hostService,
): Promise<{ service: Service | HostedService; provider: IdentityProvider }> {
  const port = await freePort();
  const redirectUris = [`http://localhost:${port}/sign-in/callback`];
  const provider = cleanUp.add(await startProvider({ redirectUris, ...options }));
  const service = cleanUp.add(await start({ PORT: String(port), ...env }, provider));
  return { service, provider };
}

const locationOf = async (client: CookieClient, url: string | URL) =>
  (await client.fetch(url)).headers.get('location');
const issue = (client: CookieClient, service: Service | HostedService) =>
  client.fetch(`${service.url}/api/v1/clusters`, { method: 'POST', headers: SAME_ORIGIN });
const signOut = async (client: CookieClient, service: Service | HostedService) => {
  const url = `${service.url}/sign-out`;
  const page = await client.fetch(url, { method: 'POST', headers: SAME_ORIGIN });
  const [, href = ''] = /url=(.*?)"/.exec(await page.text()) ?? [];
  return new URL(href.replaceAll('&#38;', '&'));
};

describe('A person who signs in', () => {
  const cleanUp = new CleanUp();
  let service: Service | HostedService;
  let provider: IdentityProvider;
  let client: CookieClient;

  beforeAll(async () => {
    ({ service, provider } = await startBoth(cleanUp));
  });
  afterAll(() => cleanUp.run());
  beforeEach(() => {
    client = new CookieClient();
  });
  afterEach(() => provider.fail(undefined));

  it('may do so in several tabs, which come back in any order', async () => {
    const callbacks = [];
    for (let tab = 0; tab < 5; tab += 1) callbacks.push(await client.callbackOf(service.url));
    for (const callback of callbacks.toReversed()) {
      expect(await locationOf(client, callback)).toBe(`${service.url}/`);
      expect((await issue(client, service)).status).toBe(201);
    }
  });

  it('may begin any number of times: the header stays short, and the newest attempts count', async () => {
    for (let tab = 0; tab < 40; tab += 1) await client.fetch(`${service.url}/sign-in`);
    const cookies = [...client.cookies(service.url)].map((pair) => pair.join('=')).join('; ');
    expect(cookies.length).toBeLessThan(4096);
    await client.signIn(service.url);
    expect((await issue(client, service)).status).toBe(201);
  });

  it('may go back or reload: the answer is not used again, and nothing is said', async () => {
    const callback = await client.callbackOf(service.url);
    await client.fetch(callback);
    const exchanges = provider.requestsFor(TOKEN);
    expect(await locationOf(client, callback)).toBe(`${service.url}/`);
    expect(provider.requestsFor(TOKEN)).toBe(exchanges);
    expect((await issue(client, service)).status).toBe(201);
  });

  it('is told when the provider refuses them, and the log why', async () => {
    const callback = await client.callbackOf(service.url);
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    callback.searchParams.set('error_description', 'not\na member');
    expect(await locationOf(client, callback)).toBe('/?problem=sign-in-denied');
    const page = await (await client.fetch(`${service.url}/?problem=sign-in-denied`)).text();
    expect(page).toContain('ask the operator of this service whether your account may use it');
    await until('the log', () =>
      service.output.includes(
        String.raw`error access_denied: error_description \"not a member\"`, // in JSON
      ),
    );
  });

  it('is told when the browser lost the cookie of the sign-in', async () => {
    const callback = await client.callbackOf(service.url);
    expect(await locationOf(new CookieClient(), callback)).toBe('/?problem=sign-in-lost');
    const page = await (await client.fetch(`${service.url}/?problem=sign-in-lost`)).text();
    expect(page).toContain('cookies must be allowed');
  });

  it.each<[Fault]>([['hang'], ['refuse']])(
    'is told to try again when the provider does not answer the exchange (%s)',
    async (fault) => {
      const callback = await client.callbackOf(service.url);
      provider.fail(fault, TOKEN);
      expect(await locationOf(client, callback)).toBe('/?problem=sso-unavailable');
      provider.fail(undefined, TOKEN);
      await client.signIn(service.url);
      expect((await issue(client, service)).status).toBe(201);
    },
  );

  it('is not kept waiting by a rotation of the keys', async () => {
    await client.signIn(service.url);
    await provider.rotateKeys();
    const other = new CookieClient();
    expect((await other.signIn(service.url)).headers.get('location')).toBe(`${service.url}/`);
  });

  it('may have 200 roles and a very long name', async () => {
    const roles = Array.from({ length: 200 }, (_, n) => `role-number-${n}`);
    const name = 'a'.repeat(250);
    const callback = await client.callbackOf(service.url, name, ...roles);
    expect(await locationOf(client, callback)).toBe(`${service.url}/`);
    expect(await (await client.fetch(service.url)).text()).toContain(name);
    const there = await signOut(client, service);
    expect(there.href.length).toBeLessThan(4096);
    expect((await client.fetch(there)).status).toBe(200);
  });

  it('is led to sign out at the provider, which asks nothing and leads back to the page', async () => {
    await client.signIn(service.url);
    const there = await signOut(client, service);
    expect(there.pathname).toMatch(/\/protocol\/openid-connect\/logout$/);
    expect(there.searchParams.get('id_token_hint')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const back = there.searchParams.get('post_logout_redirect_uri')!;
    expect(back).toBe(`${service.url}/sign-in/callback`);
    const question = await (await client.fetch(there)).text();
    expect(question).not.toContain('<button');
    const [, action = ''] = /action="(.*?)"/.exec(question) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="(.*?)"/.exec(question) ?? [];
    const body = new URLSearchParams({ xsrf, logout: 'yes' });
    const leave = await client.fetch(action, { method: 'POST', body });
    expect(leave.headers.get('location')).toBe(back);
    expect(await locationOf(client, back)).toBe(`${service.url}/`);
  });

  it('is led to the page after signing out while the provider does not answer', async () => {
    await client.signIn(service.url);
    provider.fail('refuse');
    expect((await signOut(client, service)).href).toBe(`${service.url}/`);
    expect((await issue(client, service)).status).toBe(401);
  });
});

// Those that need an error of Node's own fetch start a process: within jest it is no Error of the test.
describe('Why nobody can sign in', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  const problemAt = async (service: Service | HostedService) =>
    locationOf(new CookieClient(), `${service.url}/sign-in`);
  const logged = (service: Service | HostedService, words: string) =>
    until(`the log to say ${words}`, () => service.output.includes(words));
  const readiness = async (service: Service | HostedService) =>
    (await (await fetch(`${service.url}/health/ready`)).json()) as { status: string; sso: string };

  it('is in the log at start, in readiness, and at the page: nobody answers', async () => {
    const OIDC_ISSUER = `http://localhost:${await freePort()}/auth/realms/cern`;
    const { service } = await startBoth(cleanUp, { OIDC_ISSUER }, {}, startService);
    await logged(service, 'CERN SSO cannot be used, so people cannot sign in: ');
    await logged(service, 'ECONNREFUSED');
    expect(await readiness(service)).toMatchObject({ status: 'up', sso: 'down' });
    expect(await problemAt(service)).toBe('/?problem=sso-unavailable');
  });

  it('is in the log at start, and at the page: a certificate of an unknown authority', async () => {
    const { certFile, keyFile } = cleanUp.add(await createCertificate());
    const server = createServer(
      { cert: readFileSync(certFile), key: readFileSync(keyFile) },
      (_request, response) => response.end('{}'),
    );
    await once(server.listen(0, 'localhost'), 'listening');
    cleanUp.add({ close: () => void server.close() });
    const { port } = server.address() as AddressInfo;
    const OIDC_ISSUER = `https://localhost:${port}`;
    const { service } = await startBoth(cleanUp, { OIDC_ISSUER }, {}, startService);
    await logged(service, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(await problemAt(service)).toBe('/?problem=sso-misconfigured');
  });

  it('is in the log at start, and at the page: a wrong path of the issuer', async () => {
    const { provider } = await startBoth(cleanUp);
    const OIDC_ISSUER = provider.issuer.replace('/cern', '/other');
    const { service } = await startBoth(cleanUp, { OIDC_ISSUER });
    await logged(service, '/other/.well-known/openid-configuration answered 404');
    expect(await problemAt(service)).toBe('/?problem=sso-misconfigured');
    const page = await fetch(`${service.url}/?problem=sso-misconfigured`);
    expect(await page.text()).toContain('Tell the operator of this service.');
  });

  it('is in the log and in readiness once somebody tried: a wrong client secret', async () => {
    const { service } = await startBoth(cleanUp, { OIDC_CLIENT_SECRET: 'not the right one' });
    expect(await readiness(service)).toMatchObject({ sso: 'up' });
    const back = await new CookieClient().signIn(service.url);
    expect(back.headers.get('location')).toBe('/?problem=sso-misconfigured');
    await logged(service, 'error invalid_client');
    expect(await readiness(service)).toMatchObject({ status: 'up', sso: 'down' });
    expect(service.output).not.toContain('not the right one');
  });

  it('is not what a browser says: anyone can return with an error code', async () => {
    const { service, provider } = await startBoth(cleanUp);
    const client = new CookieClient();
    const iss = encodeURIComponent(provider.issuer);
    for (const error of ['unauthorized_client', 'invalid_client', 'invalid_scope']) {
      const state = (await client.authorizationOf(service.url)).searchParams.get('state');
      const callback = `${service.url}/sign-in/callback?error=${error}&state=${state}&iss=${iss}`;
      expect(await locationOf(client, callback)).toBe('/?problem=sso-misconfigured');
      await logged(service, `error ${error}`); // as what it is, a failed sign-in
    }
    expect(await readiness(service)).toMatchObject({ sso: 'up' });
    expect(service.output).not.toContain('CERN SSO cannot be used');
  });

  it('is no more when the provider has come back', async () => {
    const { service, provider } = await startBoth(cleanUp);
    const becomes = (state: string) =>
      until(`the provider to be ${state}`, async () => {
        await problemAt(service); // asks the provider
        return (await readiness(service)).sso === state;
      });
    provider.fail('refuse');
    await becomes('down');
    provider.fail(undefined);
    await becomes('up');
    expect(await problemAt(service)).toContain(provider.issuer);
    await logged(service, 'CERN SSO can be used again.');
  });
});

describe('Settings of the sign-in', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it.each(['PS256', 'ES256'])('let browser and bearer use %s', async (algorithm) => {
    const { service } = await startBoth(
      cleanUp,
      { OIDC_ALGORITHMS: `RS256, ${algorithm}` },
      { algorithm },
    );
    const client = new CookieClient();
    await client.signIn(service.url);
    expect((await issue(client, service)).status).toBe(201);
    const authorization = `Bearer ${await service.token()}`;
    expect(
      (await service.api('/clusters', { method: 'POST', headers: { authorization } })).status,
    ).toBe(201);
  });

  it('refuse another algorithm than RS256 by default, to browser and bearer', async () => {
    const { service } = await startBoth(cleanUp, {}, { algorithm: 'PS256' });
    const back = await new CookieClient().signIn(service.url);
    expect(back.headers.get('location')).toBe('/?problem=sign-in-failed');
    const authorization = `Bearer ${await service.token()}`;
    const { status } = await service.api('/clusters', {
      method: 'POST',
      headers: { authorization },
    });
    expect(status).toBe(401);
  });

  it.each(['realm_access.roles', 'groups'])(
    'take roles from %s, and the name from a claim',
    async (OIDC_ROLES_CLAIM) => {
      const role = OIDC_ROLES_CLAIM === 'groups' ? '/pin-issuer' : 'pin-issuer';
      const { service } = await startBoth(
        cleanUp,
        { OIDC_ROLES_CLAIM, REQUIRED_ROLE: role, OIDC_USERNAME_CLAIM: 'email' },
        { claims: 'keycloak' },
      );
      const client = new CookieClient();
      await client.signIn(service.url, 'mcurie', 'pin-issuer');
      expect((await issue(client, service)).status).toBe(201);
      expect(await (await client.fetch(service.url)).text()).toContain('mcurie@example.org');
      const other = new CookieClient();
      await other.signIn(service.url, 'lmeitner', 'other');
      expect((await issue(other, service)).status).toBe(403);
    },
  );

  it('of docs/sign-in.md work at a plain Keycloak with the realm file', async () => {
    const { service } = await startBoth(
      cleanUp,
      {
        REQUIRED_ROLE: 'pin-issuer',
        ADMIN_ROLE: 'pin-admin',
        OIDC_PUBLIC_CLIENT_ID: 'cluster-pairing-cli',
      },
      { claims: 'keycloak' },
    );
    const client = new CookieClient();
    await client.signIn(service.url, 'mcurie', 'pin-issuer', 'pin-admin');
    expect((await issue(client, service)).status).toBe(201);
    const list = await client.fetch(`${service.url}/api/v1/issuances?owner=*`);
    expect(await list.json()).toMatchObject({ issuances: [{ owner: 'mcurie' }] });
    const authorization = `Bearer ${await service.token('mcurie', 'pin-issuer')}`;
    expect((await service.api('/issuances', { headers: { authorization } })).status).toBe(200);
    const there = await signOut(client, service);
    expect((await client.fetch(there)).status).toBe(200);
  });

  it('tell people without the role how to get it, instead of "New cluster"', async () => {
    const ROLE_HELP = 'Join the group cvm-users & wait.';
    const { service } = await startBoth(cleanUp, { REQUIRED_ROLE: 'pin-issuer', ROLE_HELP });
    const client = new CookieClient();
    await client.signIn(service.url, 'mcurie', 'other');
    const page = await (await client.fetch(service.url)).text();
    expect(page).toContain('pin-issuer');
    expect(page).toContain('Join the group cvm-users &#38; wait.');
    expect(page).not.toContain('New cluster');
    const refused = await issue(client, service);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining(ROLE_HELP) });
  });
});
