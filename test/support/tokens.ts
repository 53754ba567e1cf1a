import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** A private key of an identity provider, for RS256. */
export async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', kid: crypto.randomUUID() };
}

/** Signs a token that is valid by default. An undefined claim is left out. */
export function signToken(
  key: JWK,
  issuer: string,
  claims: JWTPayload = {},
  header: { alg?: string; kid?: string } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    iss: issuer,
    aud: 'cluster-pairing',
    sub: 'mcurie',
    cern_upn: 'mcurie',
    iat: now,
    exp: now + 60,
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', ...(key.kid && { kid: key.kid }), ...header })
    .sign(key);
}
