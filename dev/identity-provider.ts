import { createPublicKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { exportJWK, generateKeyPair, jwtVerify, type JWK } from 'jose';
import {
  Provider,
  type Adapter,
  type AdapterPayload,
  type Configuration,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import {
  audiencesOf,
  clientMetadata,
  readRealm,
  type RealmClient,
  rolesClaimOf,
} from './keycloak-realm.ts';
import {
  deviceCodePage,
  deviceConfirmPage,
  messagePage,
  signInPage,
  signOutPage,
} from './provider-pages.ts';

/** How to start the provider. */
export interface IdentityProviderOptions {
  /** Where to listen; 0 takes any free port. */
  port: number;
  /** The address to listen on, `localhost` by default; the issuer says `localhost` in any case. */
  host?: string;
  /** The confidential client of the realm file gets this id and secret. */
  clientId: string;
  clientSecret: string;
  /** The `aud` of access tokens: what the realm file says by default. */
  audience?: string;
  /**
   * Where a sign-in and a sign-out may return to, besides what the realm file allows. Scripts of these
   * origins may call the token endpoint.
   */
  redirectUris: string[];
  /** A private key, for tests that sign tokens of their own; a new one by default. */
  signingKey?: JWK;
  /** The algorithm of the signatures: RS256 by default. */
  algorithm?: string;
  /** 20 minutes by default, as at CERN. */
  accessTokenSeconds?: number;
  /** Whose claims tokens have: CERN's by default, or those of a plain Keycloak with the realm file. */
  claims?: 'cern' | 'keycloak';
  /** Gives no refresh tokens. */
  withoutRefreshTokens?: boolean;
}

/** What the provider does instead of answering. */
export type Fault = 'hang' | 'refuse';

/** A running development identity provider, and what tests can do to it. */
export interface IdentityProvider {
  readonly issuer: string;
  /** How many requests there were for a path below the issuer. */
  requestsFor(path: string): number;
  /** Lets requests for a path below the issuer (all by default) hang, or answers them 503. */
  fail(fault: Fault | undefined, path?: string): void;
  /** Replaces the signing key by another one. */
  rotateKeys(): Promise<void>;
  /** Gives a user other roles, which tokens have from now on, refreshed ones too. */
  setRoles(user: string, roles: string[]): void;
  /** Ends all grants of a user, so that no refresh token of theirs is accepted. */
  disable(user: string): Promise<void>;
  /** Tells the service by back-channel logout that a user has signed out everywhere. */
  logOutEverywhere(user: string): Promise<void>;
  close(): Promise<void>;
}

const REALM = '/auth/realms/cern';
const OPENID = '/protocol/openid-connect';
const ROUTES = {
  authorization: `${OPENID}/auth`,
  token: `${OPENID}/token`,
  userinfo: `${OPENID}/userinfo`,
  end_session: `${OPENID}/logout`,
  jwks: `${OPENID}/certs`,
  device_authorization: `${OPENID}/auth/device`,
  code_verification: '/device',
};

/** The scopes of every token. */
const SCOPE = 'openid profile email';

/** Only oidc-provider sees this name (it wants a URI); tokens carry the audience. */
const API = 'urn:development:api';

type Algorithm = 'RS256'; // the library's type lists all of them; the option is for tests

/**
 * Starts a stand-in for CERN SSO: the same paths, the same claims, but it believes everyone. Its clients are
 * those of docs/keycloak-realm.json, and like Keycloak it compares redirect URIs strictly.
 *
 * A person sees a page to enter a user and, if wanted, roles. A request with a `login_hint` (and, if
 * wanted, a `roles` parameter, separated by spaces) is signed in without the page.
 */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error('The development identity provider believes everyone: not in production.');
  }
  const algorithm = options.algorithm ?? 'RS256';
  const firstKey = options.signingKey ?? (await newKey(algorithm));

  // Listening comes first, because the issuer names the port.
  const server = createServer();
  await once(server.listen(options.port, options.host ?? 'localhost'), 'listening');
  const closed = once(server, 'close');
  const { port } = server.address() as AddressInfo;
  const issuer = `http://localhost:${port}${REALM}`;

  const memory = new Memory();
  let provider = createProvider(issuer, firstKey, options, memory);
  const requests = new Map<string, number>();
  const faults = new Map<string, Fault>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await provider.callback()(request, response);
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', issuer);
    const path = pathname.slice(REALM.length);
    requests.set(path, (requests.get(path) ?? 0) + 1);
    const fault = faults.get(path) ?? faults.get('');
    if (fault === 'hang') return;
    if (fault === 'refuse') response.writeHead(503).end();
    else handle(request, response).catch(console.error);
  });

  return {
    issuer,
    requestsFor: (path) => requests.get(path) ?? 0,
    fail(fault, path = '') {
      if (fault) faults.set(path, fault);
      else faults.delete(path);
    },
    async rotateKeys() {
      provider = createProvider(issuer, await newKey(algorithm), options, memory);
    },
    setRoles(user, roles) {
      for (const person of memory.people.values()) if (person.user === user) person.roles = roles;
    },
    async disable(user) {
      for (const [grantId, person] of memory.people) {
        if (person.user === user) memory.revoke(grantId);
      }
    },
    async logOutEverywhere(user) {
      const client = (await provider.Client.find(options.clientId)) as unknown as BackChannel;
      await client.backchannelLogout(subjectOf(user, options), undefined);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A method of the library's clients that its types do not list. */
interface BackChannel {
  backchannelLogout(subject: string, sessionId: string | undefined): Promise<void>;
}

function createProvider(
  issuer: string,
  signingKey: JWK,
  options: IdentityProviderOptions,
  memory: Memory,
) {
  const { clientId, clientSecret, redirectUris, algorithm = 'RS256' } = options;
  const service = redirectUris.find((uri) => uri.endsWith('/sign-in/callback'));
  const realm = readRealm({
    PUBLIC_URL: service === undefined ? 'http://localhost:3000' : new URL(service).origin,
    OIDC_CLIENT_SECRET: clientSecret,
  });
  const [main, ...others] = realm.clients.map((client, position) =>
    position === 0
      ? {
          ...client,
          clientId,
          redirectUris: [...new Set([...client.redirectUris, ...redirectUris])],
        }
      : client,
  ) as [RealmClient, ...RealmClient[]];
  const clients = [main, ...others];
  const audience = options.audience ?? audiencesOf(main)[0] ?? clientId;
  const accessTokenSeconds = options.accessTokenSeconds ?? realm.accessTokenLifespan;
  const origins = new Set(redirectUris.map((uri) => new URL(uri).origin));

  // Claims belong to a sign-in, not to a user: the same user may come back with other roles.
  const claimsOf = (ctx: KoaContextWithOIDC, token: 'id' | 'access') => {
    const { grant, client } = ctx.oidc;
    const person = memory.people.get(grant?.jti ?? '');
    if (!person) return {};
    const registered = clients.find((each) => each.clientId === client?.clientId) ?? main;
    return options.claims === 'keycloak'
      ? keycloakClaims(person, registered, token)
      : cernClaims(person, registered.clientId);
  };

  const configuration: Configuration = {
    adapter: memory.adapter,
    jwks: { keys: [signingKey] },
    clients: clients.map((client) => clientMetadata(client, algorithm as Algorithm)),
    // Without the library's dispatcher, which refuses this machine: the service runs here.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
    clientAuthMethods: ['client_secret_basic', 'none'],
    clientBasedCORS: (_ctx, origin) => origins.has(origin),
    enabledJWA: { idTokenSigningAlgValues: [algorithm as Algorithm] },
    responseTypes: ['code'],
    routes: ROUTES,
    // The browser shows the session to the logout page alone, so every sign-in asks anew.
    cookies: { long: { path: REALM + ROUTES.end_session } },
    issueRefreshToken: () => !options.withoutRefreshTokens,
    ttl: {
      AccessToken: accessTokenSeconds,
      IdToken: accessTokenSeconds,
      DeviceCode: realm.oauth2DeviceCodeLifespan,
      Interaction: 30 * 60,
      RefreshToken: realm.ssoSessionMaxLifespan,
      Grant: realm.ssoSessionMaxLifespan,
      Session: realm.ssoSessionMaxLifespan,
    },

    scopes: SCOPE.split(' '),
    claims: { openid: CLAIMS },
    // The library masks claims by name; ours are all to be seen.
    conformIdTokenClaims: false,
    findAccount: (ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, ...claimsOf(ctx, 'id'), typ: 'ID' }),
    }),
    formats: {
      customizers: {
        jwt(ctx, _token, jwt) {
          jwt.header = { typ: 'JWT' };
          Object.assign(jwt.payload, claimsOf(ctx, 'access'), { typ: 'Bearer' });
        },
      },
    },

    extraParams: ['roles'],
    interactions: { url: (_ctx, { uid }) => `${REALM}/interaction/${uid}` },
    renderError(ctx, { error, error_description }) {
      ctx.body = messagePage('Sign-in failed', error_description ?? error);
    },
    discovery: { userinfo_endpoint: issuer + ROUTES.userinfo },
    features: {
      devInteractions: { enabled: false },
      // Its own refuses tokens that have an audience; ours is below.
      userinfo: { enabled: false },
      resourceIndicators: {
        defaultResource: () => API,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: algorithm as Algorithm } },
        }),
      },
      backchannelLogout: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource(ctx, form, _out, error) {
          ctx.body = deviceCodePage(form, error !== undefined);
        },
        userCodeConfirmSource(ctx, form, client, _device, code) {
          ctx.body = deviceConfirmPage(form, client.clientId, code);
        },
        successSource(ctx) {
          ctx.body = messagePage('Development device sign-in', 'Go on at the command line.');
        },
      },
      rpInitiatedLogout: {
        logoutSource(ctx, form) {
          ctx.body = signOutPage(form, 'IdTokenHint' in ctx.oidc.entities);
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = messagePage('Development sign-out', 'You are signed out.');
        },
      },
    },
  };
  const provider = new Provider(issuer, configuration);
  provider.on('server_error', (_ctx, error) => console.error(error));

  // oidc-provider routes below the realm, and learns from koa-mount's `mountPath` where that is.
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith(`${REALM}/`)) return;
    ctx.mountPath = REALM;
    ctx.path = ctx.path.slice(REALM.length);
    await next();
  });

  provider.use(async (ctx, next) => {
    // CERN grants its scopes whether they are asked for or not; Swagger UI need not ask.
    if (ctx.path === ROUTES.authorization) ctx.query = { ...ctx.query, scope: SCOPE };
    await next();
  });

  // The sign-in, with or without the page; it gives consent as well.
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const { client_id, login_hint = '', roles = '' } = params;
    const answer = new URLSearchParams(
      ctx.method === 'POST'
        ? await text(ctx.req)
        : { user: String(login_hint), roles: String(roles) },
    );
    const user = answer.get('user')?.trim();
    if (!user) {
      ctx.body = signInPage(String(client_id));
      return;
    }

    const accountId = subjectOf(user, options);
    const grant = new provider.Grant({ accountId, clientId: String(client_id) });
    grant.addOIDCScope(SCOPE);
    grant.addResourceScope(API, SCOPE);
    const grantId = await grant.save();
    memory.people.set(grantId, { user, roles: words(answer.get('roles')) });
    const result = { login: { accountId }, consent: { grantId } };
    ctx.status = 303;
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  });

  const publicKey = createPublicKey({ key: signingKey, format: 'jwk' });
  provider.use(async (ctx, next) => {
    if (ctx.path !== ROUTES.userinfo) return next();
    const token = ctx.get('authorization').replace(/^bearer /i, '');
    const verified = await jwtVerify(token, publicKey, { issuer, audience }).catch(() => undefined);
    if (verified) {
      ctx.body = verified.payload;
    } else {
      ctx.status = 401;
      ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"');
    }
  });

  return provider;
}

interface Person {
  readonly user: string;
  roles: string[];
}

/** Every claim that an ID token may have. */
const CLAIMS = [
  'cern_upn',
  'preferred_username',
  'name',
  'email',
  'cern_person_id',
  'cern_roles',
  'resource_access',
  'realm_access',
  'groups',
  'azp',
  'typ',
];

function cernClaims({ user, roles }: Person, clientId: string) {
  return {
    cern_upn: user,
    preferred_username: user,
    name: user,
    email: `${user}@example.org`,
    cern_person_id: crc32(user) % 1_000_000,
    cern_roles: roles,
    // As at CERN, the whole claim is absent when there is no role.
    ...(roles.length > 0 && { resource_access: { [clientId]: { roles } } }),
    azp: clientId,
  };
}

/** A plain Keycloak's: roles only where a mapper puts them. Each role is a realm role and a group too. */
function keycloakClaims({ user, roles }: Person, client: RealmClient, token: 'id' | 'access') {
  const [outer, id, inner] = rolesClaimOf(client, token)?.split('.') ?? [];
  return {
    preferred_username: user,
    name: user,
    email: `${user}@example.org`,
    realm_access: { roles },
    groups: roles.map((role) => `/${role}`),
    ...(outer && id && inner && { [outer]: { [id]: { [inner]: roles } } }),
    azp: client.clientId,
  };
}

/** CERN's subject is the name, Keycloak's is a UUID. */
function subjectOf(user: string, { claims }: IdentityProviderOptions): string {
  if (claims !== 'keycloak') return user;
  return `00000000-0000-4000-8000-${crc32(user).toString(16).padStart(12, '0')}`;
}

async function newKey(algorithm: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid: randomUUID() };
}

/** What the provider knows. oidc-provider brings such an adapter, which warns about itself at every start. */
class Memory {
  /** Who signed in, by the id of the grant. */
  readonly people = new Map<string, Person>();
  private readonly stored = new Map<string, AdapterPayload>();

  readonly adapter = (model: string): Adapter => {
    const { stored } = this;
    const find = async (id: string) => stored.get(`${model}:${id}`);
    const findBy = async (name: 'uid' | 'userCode', value: string) =>
      [...stored.values()].find((payload) => payload[name] === value);
    return {
      find,
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (code) => findBy('userCode', code),
      async upsert(id, payload) {
        stored.set(`${model}:${id}`, payload);
      },
      async consume(id) {
        const payload = await find(id);
        if (payload) payload.consumed = true;
      },
      async destroy(id) {
        stored.delete(`${model}:${id}`);
      },
      revokeByGrantId: async (grantId) => this.revoke(grantId),
    };
  };

  revoke(grantId: string): void {
    this.people.delete(grantId);
    for (const [key, payload] of this.stored) {
      if (payload.grantId === grantId) this.stored.delete(key);
    }
  }
}

function words(line: string | null): string[] {
  return line?.split(/\s+/).filter(Boolean) ?? [];
}
