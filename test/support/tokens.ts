import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** A private key for RS256, as an identity provider has it. */
export async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', kid: crypto.randomUUID() };
}

/** Signs a token that is good unless told otherwise; a claim that is undefined is left out. */
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
