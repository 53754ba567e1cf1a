import jwks from 'jwks-rsa';
import { PairingError } from '../errors/pairing-error.js';

const TIMEOUT_MS = 5_000;
/** So that tokens with invented key ids cannot make us flood the issuer. */
const REQUESTS_PER_MINUTE = 10;

/**
 * The issuer's signing keys, found by OpenID Connect discovery. They are kept for ten minutes; a token
 * signed by an unknown key makes us look again, which is how a rotation is noticed.
 */
export function issuerKeys(issuer: string) {
  return jwks.passportJwtSecret({
    jwksUri: `${issuer}/.well-known/openid-configuration`,
    fetcher: async (discoveryUrl) => {
      const { jwks_uri } = await fetchJson<{ jwks_uri: string }>(discoveryUrl);
      return fetchJson<{ keys: unknown }>(jwks_uri);
    },
    rateLimit: true,
    jwksRequestsPerMinute: REQUESTS_PER_MINUTE,
    handleSigningKeyError: (error, done) => {
      if (error instanceof jwks.SigningKeyNotFoundError) done(null);
      else done(new PairingError('sso-unavailable', { cause: error }));
    },
  });
}

async function fetchJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}
