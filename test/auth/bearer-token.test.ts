import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { type Answer, problem } from '../support/api.js';
import { type Service, startProvider, startService, tokenOf } from '../support/service.js';
import { signingKey, signToken } from '../support/tokens.js';

const UNDEFINED = undefined as unknown as string;

describe('Signing in with a bearer token of CERN SSO', () => {
  let key: JWK;
  let provider: IdentityProvider;
  let service: Service;

  beforeAll(async () => {
    key = await signingKey();
    provider = await startProvider({ signingKey: key });
    service = await startService({}, provider);
  });
  afterAll(async () => {
    await service.stop();
    await provider.close();
  });

  const issue = (authorization?: string, at = service): Promise<Answer> =>
    at.api('/clusters', {
      method: 'POST',
      headers: authorization === undefined ? {} : { authorization },
    });
  const issueWith = async (claims: JWTPayload, at = service) =>
    issue(`Bearer ${await signToken(key, provider.issuer, claims)}`, at);

  function expectRefused({ status, headers, json }: Answer): void {
    expect(status).toBe(401);
    expect(json).toEqual(problem(401, 'invalid-token'));
    expect(headers.get('www-authenticate')).toBe(
      'Bearer realm="cluster-pairing", error="invalid_token", error_description="The bearer token is not valid."',
    );
  }

  it('works with a token from the sign-in', async () => {
    expect((await issue(`Bearer ${await service.token()}`)).status).toBe(201);
  });

  it('is asked for, without naming an error, when there is no token', async () => {
    const { status, headers, json } = await issue();
    expect(status).toBe(401);
    expect(json).toEqual(problem(401, 'sign-in-required'));
    expect(headers.get('www-authenticate')).toBe('Bearer realm="cluster-pairing"');
  });

  it.each(['Bearer', 'Bearer x', 'Bearer a.b.c', 'Basic bWN1cmllOng=', 'nonsense'])(
    'refuses "Authorization: %s"',
    async (authorization) => expectRefused(await issue(authorization)),
  );

  it.each<[string, JWTPayload]>([
    ['of another issuer', { iss: 'https://evil.example/auth/realms/cern' }],
    ['for another application', { aud: 'another' }],
    ['for nobody', { aud: UNDEFINED }],
    ['that has expired', { exp: Math.floor(Date.now() / 1000) - 1 }],
    ['that never expires', { exp: undefined as unknown as number }],
    ['that is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 60 }],
    ['that names nobody', { sub: UNDEFINED, cern_upn: UNDEFINED }],
    ['that names nobody but in blanks', { sub: '', cern_upn: '' }],
  ])('refuses a token %s', async (_, claims) => expectRefused(await issueWith(claims)));

  it.each<[string, JWTPayload]>([
    ['for several applications, ours among them', { aud: ['another', 'cluster-pairing'] }],
    ['of a service, which has no cern_upn', { sub: 'service-account-x', cern_upn: UNDEFINED }],
    ['of an external user', { sub: 'a/b@example.org', cern_upn: 'a/b@example.org' }],
    ['with claims it does not know', { cern_favourite_colour: 'blue' }],
    ['with roles of an unexpected shape', { cern_roles: 'x', resource_access: [null] }],
  ])('takes a token %s', async (_, claims) => expect((await issueWith(claims)).status).toBe(201));

  it('refuses a token signed by somebody else under the right key id', async () => {
    const forged = { ...(await signingKey()), kid: key.kid! };
    expectRefused(await issue(`Bearer ${await signToken(forged, provider.issuer)}`));
  });

  it('refuses a token signed with a key that the issuer does not have', async () => {
    expectRefused(await issue(`Bearer ${await signToken(await signingKey(), provider.issuer)}`));
  });

  it('refuses a token without a signature', async () => {
    const token = new UnsecuredJWT({ sub: 'mcurie' })
      .setIssuer(provider.issuer)
      .setAudience('cluster-pairing')
      .setExpirationTime('1m')
      .encode();
    expectRefused(await issue(`Bearer ${token}`));
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
    expectRefused(await issue(`Bearer ${token}`));
  });

  it('refuses a right key with another algorithm than RS256', async () => {
    const token = await signToken({ ...key, alg: 'RS512' }, provider.issuer, {}, { alg: 'RS512' });
    expectRefused(await issue(`Bearer ${token}`));
  });

  it('takes nothing of it into the cluster: machines need the PIN alone', async () => {
    const { json } = await issue(`Bearer ${await service.token()}`);
    const { pin } = json as { pin: string };
    const { status } = await service.api(`/clusters/${pin}`, {
      headers: { authorization: 'Bearer nonsense' },
    });
    expect(status).toBe(200);
  });

  describe('when a role is required', () => {
    let strict: Service;
    beforeAll(async () => {
      strict = await startService({ REQUIRED_ROLE: 'pin-issuer' }, provider);
    });
    afterAll(() => strict.stop());

    it('takes a user who has it', async () => {
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
    const other = await startService({ OIDC_AUDIENCE: 'pairing-api' }, provider);
    expectRefused(await issueWith({ aud: 'cluster-pairing' }, other));
    expect((await issueWith({ aud: 'pairing-api' }, other)).status).toBe(201);
    await other.stop();
  });

  it('goes on when the issuer changes its keys', async () => {
    const first = await startProvider();
    const issuerPort = Number(new URL(first.issuer).port);
    const rotating = await startService({}, first);
    expect((await issue(`Bearer ${await rotating.token()}`, rotating)).status).toBe(201);
    await first.close();
    const second = await startProvider({ port: issuerPort });
    const token = await tokenOf(second, 'mcurie');
    expect((await issue(`Bearer ${token}`, rotating)).status).toBe(201);
    await rotating.stop();
    await second.close();
  });

  describe('when CERN SSO is down', () => {
    let lonely: Service;
    let token: string;
    beforeAll(async () => {
      const gone = await startProvider({ signingKey: key });
      lonely = await startService({}, gone);
      token = await lonely.token();
      await gone.close();
    });
    afterAll(() => lonely.stop());

    it('answers 503 with Retry-After: the token may be good', async () => {
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
