import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { type Answer, problem } from '../support/api.js';
import { type HostedService, hostService } from '../support/hosted-service.js';
import { until } from '../support/process.js';
import type { RunningService } from '../support/running-service.js';
import { type Service, startProvider, startService, tokenOf } from '../support/service.js';
import { signingKey, signToken } from '../support/tokens.js';

const UNDEFINED = undefined as unknown as string;

describe('Signing in with a bearer token of CERN SSO', () => {
  let key: JWK;
  let provider: IdentityProvider;
  let service: HostedService;

  beforeAll(async () => {
    key = await signingKey();
    provider = await startProvider({ signingKey: key });
    service = await hostService({}, provider);
  });
  afterAll(async () => {
    await service.stop();
    await provider.close();
  });

  const issue = (authorization?: string, at: RunningService = service): Promise<Answer> =>
    at.api('/clusters', {
      method: 'POST',
      headers: authorization === undefined ? {} : { authorization },
    });
  const issueWith = async (claims: JWTPayload, at = service) =>
    issue(`Bearer ${await signToken(key, provider.issuer, claims)}`, at);

  function expectRefused({ status, headers, json }: Answer, reason: string | RegExp): void {
    expect(status).toBe(401);
    expect(json).toEqual(problem(401, 'invalid-token'));
    const { detail } = json as { detail: string };
    expect(detail).toMatch(reason);
    expect(headers.get('www-authenticate')).toBe(
      `Bearer realm="cluster-pairing", error="invalid_token", error_description="${detail}"`,
    );
  }

  it('works with a token from the sign-in', async () => {
    expect((await issue(`Bearer ${await service.token()}`)).status).toBe(201);
  });

  it('is required, and the answer names no error when there is no token', async () => {
    const { status, headers, json } = await issue();
    expect(status).toBe(401);
    expect(json).toEqual(problem(401, 'sign-in-required'));
    expect(headers.get('www-authenticate')).toBe('Bearer realm="cluster-pairing"');
  });

  it.each([
    ['Bearer', 'The bearer token is not valid.'],
    ['Bearer x', 'The bearer token is not a JWT.'],
    ['Bearer a.b.c', 'The bearer token is not a JWT.'],
  ])('refuses "Authorization: %s"', async (authorization, reason) =>
    expectRefused(await issue(authorization), reason),
  );

  it.each(['Basic bWN1cmllOng=', 'nonsense'])(
    'is asked for when there is "Authorization: %s"',
    async (authorization) => {
      const { status, json } = await issue(authorization);
      expect([status, json]).toEqual([401, problem(401, 'sign-in-required')]);
    },
  );

  const now = Math.floor(Date.now() / 1000);
  const time = (seconds: number) => new Date(seconds * 1000).toISOString();

  it.each<[string, JWTPayload, string]>([
    [
      'of another issuer',
      { iss: 'https://evil.example/auth/realms/cern' },
      'The token is from https://evil.example/auth/realms/cern, not from http://localhost:',
    ],
    [
      'for another application',
      { aud: 'account' },
      'The token is meant for account, not for cluster-pairing.',
    ],
    ['for nobody', { aud: UNDEFINED }, 'The token is meant for nobody, not for cluster-pairing.'],
    ['whose audience would break a header', { aud: 'a"\r\nx: y' }, 'meant for a???x:?y, not for'],
    ['that has expired', { exp: now - 60 }, `The token expired at ${time(now - 60)}.`],
    ['that never expires', { exp: undefined as unknown as number }, 'The token never expires'],
    ['that is not valid yet', { nbf: now + 60 }, `not valid before ${time(now + 60)}.`],
    ['of the future', { iat: now + 60 }, `was issued in the future, at ${time(now + 60)}.`],
    ['that is an ID token', { typ: 'ID' }, 'This is a token of the type ID: send an access token.'],
    ['that is a refresh token', { typ: 'Refresh' }, 'This is a token of the type Refresh: '],
    ['that names nobody', { sub: UNDEFINED, cern_upn: UNDEFINED }, 'The token names no user.'],
    ['that names nobody but in blanks', { sub: '', cern_upn: '' }, 'The token names no user.'],
    ['whose name has a NUL', { sub: 'a\0', cern_upn: 'a\0' }, 'The token names no user.'],
  ])('refuses a token %s, and says why', async (_, claims, reason) =>
    expectRefused(await issueWith(claims), reason),
  );

  it('logs why a token was refused, at info', async () => {
    await issueWith({ aud: 'account' });
    const reason = 'The token is meant for account, not for cluster-pairing.';
    await until('the log', () => service.output.includes(reason));
    const line = service.output.split('\n').find((each) => each.includes(reason));
    expect(JSON.parse(line!)).toMatchObject({ level: 30, audit: 'sign_in_refused' });
  });

  it.each<[string, keyof JWTPayload, number]>([
    ['expired a moment ago', 'exp', -2],
    ['becomes valid in a moment', 'nbf', 6],
    ['was issued a moment ahead of us', 'iat', 6],
  ])('accepts a token that %s, because clocks differ', async (_, claim, seconds) => {
    const time = Math.floor(Date.now() / 1000) + seconds;
    expect((await issueWith({ [claim]: time })).status).toBe(201);
  });

  it.each<[string, JWTPayload]>([
    ['for several applications, ours among them', { aud: ['another', 'cluster-pairing'] }],
    ['of a service, which has no cern_upn', { sub: 'service-account-x', cern_upn: UNDEFINED }],
    ['of an external user', { sub: 'a/b@example.org', cern_upn: 'a/b@example.org' }],
    ['with claims it does not know', { cern_favourite_colour: 'blue' }],
    ['with roles of an unexpected shape', { cern_roles: 'x', resource_access: [null] }],
  ])('accepts a token %s', async (_, claims) => expect((await issueWith(claims)).status).toBe(201));

  it('refuses a token signed by somebody else under the right key id', async () => {
    const forged = { ...(await signingKey()), kid: key.kid! };
    expectRefused(
      await issue(`Bearer ${await signToken(forged, provider.issuer)}`),
      'The signature of the token is not valid.',
    );
  });

  it('refuses a token signed with a key that the issuer does not have', async () => {
    expectRefused(
      await issue(`Bearer ${await signToken(await signingKey(), provider.issuer)}`),
      'The token is not signed by a key of the issuer.',
    );
  });

  it('refuses a token without a signature', async () => {
    const token = new UnsecuredJWT({ sub: 'mcurie' })
      .setIssuer(provider.issuer)
      .setAudience('cluster-pairing')
      .setExpirationTime('1m')
      .encode();
    expectRefused(await issue(`Bearer ${token}`), 'The token must be signed with RS256.');
  });

  it('refuses HS256 with the public key as its secret', async () => {
    const jwks = await fetch(`${provider.issuer}/protocol/openid-connect/certs`);
    const { keys } = (await jwks.json()) as { keys: [JWK] };
    const token = await new SignJWT({ sub: 'mcurie' })
      .setProtectedHeader({ alg: 'HS256', kid: key.kid! })
      .setIssuer(provider.issuer)
      .setAudience('cluster-pairing')
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(keys[0].n));
    expectRefused(await issue(`Bearer ${token}`), 'The token must be signed with RS256.');
  });

  it('refuses a right key with another algorithm than RS256', async () => {
    const token = await signToken({ ...key, alg: 'RS512' }, provider.issuer, {}, { alg: 'RS512' });
    expectRefused(await issue(`Bearer ${token}`), 'The token must be signed with RS256.');
  });

  it('is not needed for the cluster: machines need only the PIN', async () => {
    const { json } = await issue(`Bearer ${await service.token()}`);
    const { pin } = json as { pin: string };
    const { status } = await service.api(`/clusters/${pin}`, {
      headers: { authorization: 'Bearer nonsense' },
    });
    expect(status).toBe(200);
  });

  describe('when a role is required', () => {
    let strict: HostedService;
    beforeAll(async () => {
      strict = await hostService({ REQUIRED_ROLE: 'pin-issuer' }, provider);
    });
    afterAll(() => strict.stop());

    it('accepts a user who has it', async () => {
      const token = await tokenOf(provider, 'mcurie', 'other', 'pin-issuer');
      expect((await issue(`Bearer ${token}`, strict)).status).toBe(201);
    });

    it.each<[string, JWTPayload]>([
      ['in cern_roles', { cern_roles: ['pin-issuer'] }],
      ['in resource_access', { resource_access: { 'cluster-pairing': { roles: ['pin-issuer'] } } }],
    ])('finds it %s', async (_, claims) =>
      expect((await issueWith(claims, strict)).status).toBe(201),
    );

    it.each<[string, JWTPayload]>([
      ['no roles', {}],
      ['an empty list of roles', { cern_roles: [] }],
      ['another role', { cern_roles: ['pin-issuer-not'] }],
      ['the role in another application', { resource_access: { x: { roles: ['pin-issuer'] } } }],
    ])('answers 403 to a user with %s, naming the role', async (_, claims) => {
      const { status, json } = await issueWith(claims, strict);
      expect(status).toBe(403);
      expect(json).toEqual(problem(403, 'role-required'));
      expect(json).toMatchObject({ detail: expect.stringContaining('pin-issuer') });
    });
  });

  it('is meant for OIDC_AUDIENCE when that is set', async () => {
    const other = await hostService({ OIDC_AUDIENCE: 'pairing-api' }, provider);
    expectRefused(
      await issueWith({ aud: 'cluster-pairing' }, other),
      'The token is meant for cluster-pairing, not for pairing-api.',
    );
    expect((await issueWith({ aud: 'pairing-api' }, other)).status).toBe(201);
    await other.stop();
  });

  it('may be meant for the public client of command lines when there is one', async () => {
    const aud = 'cluster-pairing-cli';
    const without = await hostService({ OIDC_PUBLIC_CLIENT_ID: '' }, provider);
    expect((await issueWith({ aud }, without)).status).toBe(401);
    await without.stop();
    const env = { OIDC_PUBLIC_CLIENT_ID: aud, REQUIRED_ROLE: 'pin-issuer' };
    const other = await hostService(env, provider);
    const roles = ['pin-issuer'];
    expect((await issueWith({ aud, resource_access: { [aud]: { roles } } }, other)).status).toBe(
      201,
    );
    expect((await issueWith({ aud }, other)).status).toBe(403);
    await other.stop();
  });

  describe('when CERN SSO is down', () => {
    let lonely: Service;
    let token: string;
    beforeAll(async () => {
      const gone = await startProvider({ signingKey: key });
      token = await tokenOf(gone, 'mcurie');
      await gone.close();
      lonely = await startService({}, gone); // within jest, an error of Node's own fetch is no Error of the test
    });
    afterAll(() => lonely.stop());

    it('accepts a token by the keys that it knows', async () => {
      const leaving = await startProvider({ signingKey: key });
      const informed = await startService({}, leaving);
      const good = await informed.token();
      expect((await issue(`Bearer ${good}`, informed)).status).toBe(201);
      await leaving.close();
      expect((await issue(`Bearer ${good}`, informed)).status).toBe(201);
      await informed.stop();
    });

    it('answers 503 with Retry-After if it knows no keys: the token may be valid', async () => {
      const { status, headers, json } = await issue(`Bearer ${token}`, lonely);
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(json).toEqual(problem(503, 'sso-unavailable'));
    });

    it('is not needed by machines', async () => {
      const { status } = await lonely.api('/clusters/abcdefghijkl/keys/master_ip');
      expect(status).toBe(404);
      expect((await fetch(`${lonely.url}/health/ready`)).status).toBe(200);
    });
  });
});
