import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import type { InProcessService } from '../support/in-process.js';
import { freePort } from '../support/ports.js';
import { PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { type Service, settingsFor, startProvider, startService } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };
const MINUTE = HOUR / 60;
const TOKEN = '/protocol/openid-connect/token';
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

const issue = async (client: CookieClient, url: string) => {
  const headers = SAME_ORIGIN;
  return (await client.fetch(`${url}/api/v1/clusters`, { method: 'POST', headers })).status;
};
const signOut = (client: CookieClient, url: string) =>
  client.fetch(`${url}/sign-out`, { method: 'POST', headers: SAME_ORIGIN });

/** Another browser that has the same cookies for the same service, or for another replica of it. */
function copyOf(client: CookieClient, from: string, to = from): CookieClient {
  const copy = new CookieClient();
  for (const [name, value] of client.cookies(from)) copy.setCookie(to, name, value);
  return copy;
}

describe('A cookie that was copied', () => {
  const cleanUp = new CleanUp();
  let provider: IdentityProvider;
  let replicas: [Service, Service];

  beforeAll(async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const postgres = cleanUp.add(await PostgresServer.start());
    const port = await freePort();
    const url = `http://localhost:${port}`;
    provider = cleanUp.add(await startProvider({ redirectUris: [`${url}/sign-in/callback`] }));
    const start = async (PORT: number) =>
      cleanUp.add(
        await startService(
          {
            PORT: String(PORT),
            PUBLIC_URL: url,
            REDIS_URL: redis.url,
            DATABASE_URL: postgres.url,
            PIN_SECRET: 'pin-secret-of-a-test-0123456789abcdef',
            SESSION_SECRET: 'session-secret-of-a-test-0123456789',
          },
          provider,
        ),
      );
    replicas = [await start(port), await start(await freePort())];
  }, 60_000);
  afterAll(() => cleanUp.run());

  it('is worth nothing on another replica after its owner has signed out', async () => {
    const [here, there] = replicas.map(({ url }) => url) as [string, string];
    const owner = new CookieClient();
    await owner.signIn(here);
    const thief = copyOf(owner, here, there);
    expect(await issue(thief, there)).toBe(201);
    await signOut(owner, here);
    expect(await issue(thief, there)).toBe(401);
    expect(await issue(copyOf(thief, there, here), here)).toBe(401);
  });

  it('is worth nothing on any replica after the provider has signed its owner out everywhere', async () => {
    const [here, there] = replicas.map(({ url }) => url) as [string, string];
    const [owner, other] = [new CookieClient(), new CookieClient()];
    await owner.signIn(here, 'mcurie');
    await other.signIn(here, 'lmeitner');
    const thief = copyOf(owner, here, there);
    await provider.logOutEverywhere('mcurie');
    expect(await issue(thief, there)).toBe(401);
    expect(await issue(owner, here)).toBe(401);
    expect(await issue(other, here)).toBe(201);
    await owner.signIn(here, 'mcurie');
    expect(await issue(owner, here)).toBe(201);
  });

  it('is worth nothing after its owner has signed out at the provider', async () => {
    const [here, there] = replicas.map(({ url }) => url) as [string, string];
    const owner = new CookieClient();
    await owner.signIn(here);
    const thief = copyOf(owner, here, there);
    const page = await (
      await owner.fetch(`${provider.issuer}/protocol/openid-connect/logout`)
    ).text();
    const [, action = ''] = /action="(.*?)"/.exec(page) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="(.*?)"/.exec(page) ?? [];
    const body = new URLSearchParams({ xsrf, logout: 'yes' });
    await owner.fetch(action, { method: 'POST', body });
    expect(await issue(thief, there)).toBe(401);
  });
});

describe('A session', () => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let dataDir: string;
  let key: JWK;
  let provider: IdentityProvider;
  let service: InProcessService;
  let client: CookieClient;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    key = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'test' };
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    provider = cleanUp.add(
      await startProvider({ redirectUris: [`${url}/sign-in/callback`], signingKey: key }),
    );
    const { InProcessService: InProcess } = await import('../support/in-process.js');
    service = cleanUp.add(
      await InProcess.start(clock, {
        PORT: String(port),
        PUBLIC_URL: url,
        DATA_DIR: dataDir,
        ...settingsFor(provider),
        REQUIRED_ROLE: 'pin-issuer',
      }),
    );
  });
  afterAll(() => cleanUp.run());

  const signedIn = async (user: string) => {
    client = new CookieClient();
    await client.signIn(service.url, user, 'pin-issuer');
    expect(await issue(client, service.url)).toBe(201);
  };

  it('loses a role 5 minutes after the provider took it away, and gets it back', async () => {
    await signedIn('mcurie');
    provider.setRoles('mcurie', []);
    expect(await issue(client, service.url)).toBe(201);
    clock.advance(5 * MINUTE);
    expect(await issue(client, service.url)).toBe(403);
    provider.setRoles('mcurie', ['pin-issuer']);
    clock.advance(5 * MINUTE);
    expect(await issue(client, service.url)).toBe(201);
  });

  it('leaves neither names nor tokens in the database', async () => {
    await signedIn('rfranklin');
    for (const file of await readdir(dataDir)) {
      const bytes = await readFile(join(dataDir, file), 'latin1');
      expect(bytes).not.toContain('eyJhbGciOi'); // how a JWT begins
      expect(bytes).not.toContain(client.cookies(service.url).get('session'));
    }
    const fresh = new CookieClient();
    await fresh.signIn(service.url, 'never-issued-a-pin', 'pin-issuer');
    for (const file of await readdir(dataDir)) {
      expect(await readFile(join(dataDir, file), 'latin1')).not.toContain('never-issued-a-pin');
    }
  });

  it('asks the provider once for many requests at a time', async () => {
    await signedIn('mcurie');
    clock.advance(5 * MINUTE);
    const before = provider.requestsFor(TOKEN);
    await Promise.all(Array.from({ length: 20 }, () => client.fetch(service.url)));
    expect(provider.requestsFor(TOKEN)).toBe(before + 1);
  });

  it('ends 5 minutes after the account was disabled', async () => {
    await signedIn('lmeitner');
    await provider.disable('lmeitner');
    clock.advance(5 * MINUTE);
    expect(await issue(client, service.url)).toBe(401);
    expect(service.log.some((line) => line.includes('"audit":"sign_out","user":"lmeitner"'))).toBe(
      true,
    );
  });

  it('outlives an hour in which the provider does not answer, with the roles it had', async () => {
    await signedIn('mcurie');
    provider.fail('refuse');
    clock.advance(HOUR - MINUTE);
    expect(await issue(client, service.url)).toBe(201);
    clock.advance(MINUTE);
    expect(await issue(client, service.url)).toBe(503);
    provider.fail(undefined);
    clock.advance(MINUTE);
    expect(await issue(client, service.url)).toBe(201);
  });

  describe('is not ended by a logout token', () => {
    const tokenWith = async (claims: object, signedBy = key) =>
      new SignJWT({
        sub: 'mcurie',
        jti: crypto.randomUUID(),
        events: { [LOGOUT_EVENT]: {} },
        iat: Math.floor(clock.now() / 1000),
        exp: Math.floor(clock.now() / 1000) + 120,
        iss: provider.issuer,
        aud: 'cluster-pairing',
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid: signedBy.kid!, typ: 'logout+jwt' })
        .sign(signedBy);
    const send = async (token: string) =>
      (
        await fetch(`${service.url}/sign-in/back-channel-logout`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token: token }),
        })
      ).status;

    it('(one that is good does)', async () => {
      await signedIn('mcurie');
      expect(await send(await tokenWith({}))).toBe(200);
      expect(await issue(client, service.url)).toBe(401);
    });

    it.each<[string, object]>([
      ['for another client', { aud: 'another' }],
      ['of another issuer', { iss: 'https://evil.example' }],
      ['that has expired', { exp: 1 }],
      ['with a nonce, which is an ID token', { nonce: 'x' }],
      ['without the event', { events: {} }],
      ['that names nobody', { sub: undefined }],
    ])('%s', async (_, claims) => {
      await signedIn('mcurie');
      expect(await send(await tokenWith(claims))).toBe(400);
      expect(await issue(client, service.url)).toBe(201);
    });

    it('of somebody else, or that is none', async () => {
      await signedIn('mcurie');
      const { privateKey } = await generateKeyPair('RS256', { extractable: true });
      const forged = { ...(await exportJWK(privateKey)), kid: key.kid! };
      expect(await send(await tokenWith({}, forged))).toBe(400);
      expect(await send('nonsense')).toBe(400);
      expect(await issue(client, service.url)).toBe(201);
    });

    it('that was issued before it began', async () => {
      const old = await tokenWith({});
      clock.advance(MINUTE);
      await signedIn('mcurie');
      expect(await send(old)).toBe(200);
      expect(await issue(client, service.url)).toBe(201);
    });
  });
});

describe('A session at a provider that gives no refresh token', () => {
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  it('ends after 20 minutes', async () => {
    const clock = new MovableClock(Date.now());
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const redirectUris = [`${url}/sign-in/callback`];
    const provider = cleanUp.add(await startProvider({ redirectUris, withoutRefreshTokens: true }));
    const { InProcessService: InProcess } = await import('../support/in-process.js');
    const env = { PORT: String(port), PUBLIC_URL: url, ...settingsFor(provider) };
    const service = cleanUp.add(await InProcess.start(clock, env));
    const client = new CookieClient();
    await client.signIn(service.url);
    clock.advance(20 * MINUTE - 1);
    expect(await issue(client, service.url)).toBe(201);
    clock.advance(1);
    expect(await issue(client, service.url)).toBe(401);
  });
});
