import { createPublicKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
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

/** What {@link startIdentityProvider} needs to know. */
export interface IdentityProviderOptions {
  /** Where to listen; 0 takes any free port. */
  port: number;
  /** The address to listen on, `localhost` unless told; the issuer says `localhost` in any case. */
  host?: string;
  /** The one client: confidential, authorization code with PKCE (S256). */
  clientId: string;
  clientSecret: string;
  /** The `aud` of access tokens: the client itself unless told. */
  audience?: string;
  /**
   * Where a sign-in may lead back to. A sign-out may lead to their origins' start pages, and
   * scripts of these origins may call the token endpoint.
   */
  redirectUris: string[];
  /** A private RS256 key, for tests that sign tokens of their own; a fresh one unless told. */
  signingKey?: JWK;
  /** 20 minutes unless told, as at CERN. */
  accessTokenSeconds?: number;
}

/** A running development identity provider. */
export interface IdentityProvider {
  issuer: string;
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
};

/** The scopes of every token. */
const SCOPE = 'openid profile email';

/** Only oidc-provider sees this name (it wants a URI); tokens carry the audience. */
const API = 'urn:development:api';

/**
 * Starts a stand-in for CERN SSO: same paths, same claims, but it believes everyone.
 *
 * Whoever asks is shown a page to name a user and, if wanted, roles. A request with a `login_hint`
 * (and, if wanted, a `roles` parameter, space separated) is signed in without the page.
 */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error('The development identity provider believes everyone: not in production.');
  }
  const signingKey = options.signingKey ?? (await freshKey());

  // Listening comes first, because the issuer names the port.
  const server = createServer();
  await once(server.listen(options.port, options.host ?? 'localhost'), 'listening');
  const closed = once(server, 'close');
  const { port } = server.address() as AddressInfo;
  const issuer = `http://localhost:${port}${REALM}`;
  const handle = createProvider(issuer, signingKey, options).callback();
  server.on('request', (request, response) => void handle(request, response));

  return {
    issuer,
    async close() {
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createProvider(issuer: string, signingKey: JWK, options: IdentityProviderOptions) {
  const {
    clientId,
    clientSecret,
    audience = clientId,
    redirectUris,
    accessTokenSeconds = 20 * 60,
  } = options;
  const origins = new Set(redirectUris.map((uri) => new URL(uri).origin));

  // Claims belong to a sign-in, not to a user: the same one may come back with other roles.
  const claimsByGrant = new Map<string, CernClaims>();
  const claimsOf = (ctx: KoaContextWithOIDC) => claimsByGrant.get(ctx.oidc.grant?.jti ?? '');

  const configuration: Configuration = {
    adapter: memory(),
    jwks: { keys: [signingKey] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
        redirect_uris: redirectUris,
        post_logout_redirect_uris: [...origins].map((origin) => `${origin}/`),
      },
    ],
    clientAuthMethods: ['client_secret_basic'],
    clientBasedCORS: (_ctx, origin) => origins.has(origin),
    responseTypes: ['code'],
    routes: ROUTES,
    // The browser shows the session to the logout page alone, so every sign-in asks anew.
    cookies: { long: { path: REALM + ROUTES.end_session } },
    ttl: {
      AccessToken: accessTokenSeconds,
      IdToken: accessTokenSeconds,
      Interaction: 30 * 60,
      Grant: 60 * 60,
      Session: 12 * 60 * 60,
    },

    scopes: SCOPE.split(' '),
    claims: { openid: Object.keys(cernClaims('', [''], clientId)).concat('typ') },
    findAccount: (ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, ...claimsOf(ctx), typ: 'ID' }),
    }),
    formats: {
      customizers: {
        jwt(ctx, _token, jwt) {
          jwt.header = { typ: 'JWT' };
          Object.assign(jwt.payload, claimsOf(ctx), { typ: 'Bearer' });
        },
      },
    },

    extraParams: ['roles'],
    interactions: { url: (_ctx, { uid }) => `${REALM}/interaction/${uid}` },
    renderError(ctx, { error, error_description }) {
      ctx.body = page('Sign-in failed', `<p>${escapeHtml(error_description ?? error)}</p>`);
    },
    discovery: { userinfo_endpoint: issuer + ROUTES.userinfo },
    features: {
      devInteractions: { enabled: false },
      // Its own refuses tokens that have an audience; ours is below.
      userinfo: { enabled: false },
      resourceIndicators: {
        defaultResource: () => API,
        getResourceServerInfo: () => ({ scope: SCOPE, audience, accessTokenFormat: 'jwt' }),
      },
      rpInitiatedLogout: {
        logoutSource(ctx, form) {
          const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>';
          ctx.body = page('Development sign-out', form + button);
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = page('Development sign-out', '<p>You are signed out.</p>');
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
    // CERN grants its scopes whether asked or not; Swagger UI need not ask.
    if (ctx.path === ROUTES.authorization) ctx.query = { ...ctx.query, scope: SCOPE };
    await next();
  });

  // The sign-in, with or without the page; consent is given along with it.
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const { login_hint = '', roles = '' } = params;
    const answer = new URLSearchParams(
      ctx.method === 'POST'
        ? await text(ctx.req)
        : { user: String(login_hint), roles: String(roles) },
    );
    const user = answer.get('user')?.trim();
    if (!user) {
      ctx.body = signInPage(clientId);
      return;
    }

    const grant = new provider.Grant({ accountId: user, clientId });
    grant.addOIDCScope(SCOPE);
    grant.addResourceScope(API, SCOPE);
    const grantId = await grant.save();
    claimsByGrant.set(grantId, cernClaims(user, words(answer.get('roles')), clientId));
    const result = { login: { accountId: user }, consent: { grantId } };
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

type CernClaims = ReturnType<typeof cernClaims>;

function cernClaims(user: string, roles: string[], clientId: string) {
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

async function freshKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: randomUUID() };
}

/** oidc-provider brings an adapter like this one, but that warns about itself at every start. */
function memory(): (model: string) => Adapter {
  const stored = new Map<string, AdapterPayload>();
  return (model) => {
    const find = async (id: string) => stored.get(`${model}:${id}`);
    return {
      find,
      findByUid: async (uid) => [...stored.values()].find((payload) => payload.uid === uid),
      findByUserCode: async () => undefined,
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
      async revokeByGrantId(grantId) {
        for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
      },
    };
  };
}

function words(line: string | null): string[] {
  return line?.split(/\s+/).filter(Boolean) ?? [];
}

function signInPage(clientId: string): string {
  return page(
    'Development sign-in',
    `<p>This is a stand-in for CERN SSO which believes everyone: no password, any name.
      You are signing in to <strong>${escapeHtml(clientId)}</strong>.</p>
    <form method="post">
      <label for="user">User</label>
      <input id="user" name="user" value="mcurie" required autofocus autocomplete="username">
      <label for="roles">Roles</label>
      <input id="roles" name="roles" autocomplete="off" aria-describedby="roles-help">
      <small id="roles-help">Optional, separated by spaces.</small>
      <button>Sign in</button>
    </form>`,
  );
}

function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <link rel="icon" href="data:,">
    <title>${title}</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif }
      main { max-width: 26rem; margin: 3rem auto; padding: 0 1rem }
      label, button { display: block; margin-top: 1rem }
      input { box-sizing: border-box; width: 100% }
      input, button { font: inherit; padding: 0.4rem 0.8rem }
    </style>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      ${body}
    </main>
  </body>
</html>
`;
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
