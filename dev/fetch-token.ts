import { createHash, randomBytes } from 'node:crypto';
import { CookieClient } from './cookie-client.ts';

/** The client, the issuer and the user of {@link fetchToken}. */
export interface TokenRequest {
  issuer: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  user: string;
  roles?: string[];
}

/**
 * Signs a user in at the development identity provider as a browser would (authorization code with
 * PKCE) and returns the access token.
 */
export async function fetchToken(request: TokenRequest): Promise<string> {
  const { issuer, clientId, clientSecret, redirectUri, user, roles = [] } = request;
  const discovery = await fetch(`${issuer}/.well-known/openid-configuration`);
  const endpoints = await json<{ authorization_endpoint: string; token_endpoint: string }>(
    discovery,
  );

  const verifier = randomBytes(32).toString('base64url');
  const authorization = new URL(endpoints.authorization_endpoint);
  authorization.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    login_hint: user,
    roles: roles.join(' '),
  }).toString();
  const { searchParams: answer } = await new CookieClient().follow(authorization, ({ href }) =>
    href.startsWith(redirectUri),
  );
  const code = answer.get('code');
  if (!code) {
    throw new Error(`Sign-in failed: ${answer.get('error_description') ?? answer.get('error')}.`);
  }

  const response = await fetch(endpoints.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
    }),
  });
  const { access_token } = await json<{ access_token: string }>(response);
  return access_token;
}

async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}.`);
  return (await response.json()) as T;
}
