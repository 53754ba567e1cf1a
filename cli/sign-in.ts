import * as oidc from 'openid-client';
import { type Credentials, readCredentials, saveCredentials } from './credentials.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

/** A token that expires sooner is refreshed before use. */
const MIN_LIFE_MS = 30_000;
const SCOPE = 'openid';

/** What the user must do to sign in: open an address and confirm the code there. */
export interface DevicePrompt {
  readonly address: string;
  readonly code: string;
  /** The address with the code in it, if the issuer gives one. */
  readonly addressWithCode: string | undefined;
}

/** Signs in by the OAuth device grant (RFC 8628). Waits until the user has confirmed. */
export async function signIn(
  issuer: string,
  clientId: string,
  prompt: (prompt: DevicePrompt) => void,
): Promise<Credentials> {
  const config = await discover(issuer, clientId);
  const device = await orExplain(() => oidc.initiateDeviceAuthorization(config, { scope: SCOPE }));
  prompt({
    address: device.verification_uri,
    code: device.user_code,
    addressWithCode: device.verification_uri_complete,
  });
  const tokens = await orExplain(() => oidc.pollDeviceAuthorizationGrant(config, device));
  return credentialsOf(issuer, clientId, tokens);
}

/** The access token of the sign-in at this service, refreshed if need be; undefined without one. */
export async function currentToken(serviceUrl: string): Promise<string | undefined> {
  const credentials = await readCredentials(serviceUrl);
  if (!credentials || isFresh(credentials)) return credentials?.accessToken;
  return (await refresh(serviceUrl, credentials)).accessToken;
}

async function refresh(serviceUrl: string, old: Credentials): Promise<Credentials> {
  const { issuer, clientId, refreshToken } = old;
  if (refreshToken === undefined) throw signInAgain();
  try {
    const config = await discover(issuer, clientId);
    const tokens = await oidc.refreshTokenGrant(config, refreshToken);
    const renewed = credentialsOf(issuer, clientId, tokens, refreshToken);
    await saveCredentials(serviceUrl, renewed);
    return renewed;
  } catch (error) {
    if (!(error instanceof oidc.ResponseBodyError)) throw unavailable(error);
    // Many issuers accept a refresh token only once, and another command may have just used it.
    const current = await readCredentials(serviceUrl);
    if (current && isFresh(current)) return current;
    throw signInAgain(error);
  }
}

function isFresh({ expiresAt }: Credentials): boolean {
  return expiresAt - Date.now() > MIN_LIFE_MS;
}

function credentialsOf(
  issuer: string,
  clientId: string,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  previousRefreshToken?: string,
): Credentials {
  return {
    issuer,
    clientId,
    accessToken: tokens.access_token,
    expiresAt: Date.now() + (tokens.expiresIn() ?? 60) * 1000,
    refreshToken: tokens.refresh_token ?? previousRefreshToken,
  };
}

async function discover(issuer: string, clientId: string): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  // Only development services have an issuer without TLS.
  const options = url.protocol === 'http:' ? { execute: [oidc.allowInsecureRequests] } : {};
  try {
    return await oidc.discovery(url, clientId, undefined, oidc.None(), options);
  } catch (error) {
    throw unavailable(error);
  }
}

async function orExplain<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError) throw refused(error);
    throw unavailable(error);
  }
}

function refused({ error, error_description, cause }: oidc.ResponseBodyError): CommandError {
  const sentences: Record<string, string> = {
    access_denied: 'You did not confirm the code.',
    expired_token: 'The code has expired before it was confirmed. Run login again.',
  };
  const said = error_description ?? error;
  return new CommandError(
    sentences[error] ?? `The identity provider refused to sign you in: ${said}`,
    exitCodes.signIn,
    { cause },
  );
}

function signInAgain(cause?: unknown): CommandError {
  const message = 'Your sign-in has ended. Run: cernvm-pairing login';
  return new CommandError(message, exitCodes.signIn, { cause });
}

function unavailable(cause: unknown): CommandError {
  return new CommandError(
    'The identity provider does not answer. Try again shortly, or set PAIRING_TOKEN.',
    exitCodes.unavailable,
    { cause },
  );
}
