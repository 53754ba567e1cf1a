/** How far the clocks of the provider and of this machine may differ. */
export const CLOCK_SKEW_SECONDS = 10;

/** What is required of a token. */
export interface TokenRules {
  readonly issuer: string;
  /** The token must be for one of these audiences. */
  readonly audiences: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Why the claims of a verified token are refused, as a sentence for its sender. Undefined if they are accepted. `exp` is required, because the standard allows tokens that never expire (RFC 7519, section 4.1).
 */
export function refusalOf(
  claims: Record<string, unknown>,
  { issuer, audiences, now }: TokenRules,
): string | undefined {
  const { iss, aud, typ, exp, nbf, iat } = claims;
  const meantFor = (Array.isArray(aud) ? (aud as unknown[]) : [aud]).filter(isText);
  const isAhead = (time: unknown): time is number =>
    typeof time === 'number' && time - CLOCK_SKEW_SECONDS > now / 1000;

  if (iss !== issuer) return `The token is from ${shown(iss)}, not from ${issuer}.`;
  if (!meantFor.some((each) => audiences.includes(each))) {
    const others = meantFor.length === 0 ? 'nobody' : meantFor.map(shown).join(', ');
    return `The token is meant for ${others}, not for ${audiences[0]}.`;
  }
  // The type of a Keycloak token. Other providers do not send this claim.
  if (typ !== undefined && typ !== 'Bearer') {
    return `This is a token of the type ${shown(typ)}: send an access token.`;
  }
  if (typeof exp !== 'number') return 'The token never expires, so it is not accepted.';
  if (exp + CLOCK_SKEW_SECONDS <= now / 1000) return `The token expired at ${timestamp(exp)}.`;
  if (isAhead(nbf)) return `The token is not valid before ${timestamp(nbf)}.`;
  if (isAhead(iat)) return `The token was issued in the future, at ${timestamp(iat)}.`;
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A claim for use in a message, which is also sent in a header: shortened, and without special characters. */
function shown(value: unknown): string {
  return isText(value) ? value.replaceAll(/[^\w:/.@-]/g, '?').slice(0, 100) : 'nobody';
}

function timestamp(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'an impossible time' : date.toISOString();
}
