import { type ErrorCode, PairingError } from '../errors/pairing-error.js';

/** OpenSSL's and Node's codes for a certificate that is not trusted. */
const UNTRUSTED = /^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH)/;
/** OAuth error codes whose cause only the operator can fix (RFC 6749, sections 4.1.2.1 and 5.2). */
const MISCONFIGURED = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'invalid_scope',
]);
/** The library's code for a 401 of the token endpoint. */
const CLIENT_REFUSED = 'OAUTH_WWW_AUTHENTICATE_CHALLENGE';
const MAX_DEPTH = 8;
const MAX_REASON_LENGTH = 500;

/** The details of an error, apart from its message. */
interface Clues {
  /** The OAuth error code of the provider. */
  readonly error: string | undefined;
  /** The error code of Node or of the OpenID Connect library. */
  readonly code: string | undefined;
  readonly status: number | undefined;
}

/** The provider's answer is not what OpenID Connect or our settings require. */
export class ProviderMismatch extends Error {
  override readonly name = 'ProviderMismatch';
}

/** The provider answered with an HTTP status that is not a success. */
export class ProviderStatusError extends Error {
  override readonly name = 'ProviderStatusError';
  constructor(
    url: string,
    readonly status: number,
  ) {
    super(`${url} answered ${status}`);
  }
}

/**
 * The error for the client. The message of its cause tells the operator the reason, and has no secret: neither a token
 * nor the client's secret is part of an error.
 * @param defaultCode the code for a failure that is neither an outage nor a wrong setting
 */
export function providerFailure(thrown: unknown, defaultCode: ErrorCode): PairingError {
  if (thrown instanceof PairingError) return thrown;
  const causes = [...causesOf(thrown)];
  const cause = new Error(reasonOf(causes), { cause: thrown });
  return new PairingError(codeOf(causes) ?? defaultCode, { cause });
}

function codeOf(causes: readonly unknown[]): ErrorCode | undefined {
  for (const cause of causes.toReversed()) {
    const { error, code, status } = cluesIn(cause);
    if (error === 'access_denied') return 'sign-in-denied';
    if (error === 'temporarily_unavailable' || error === 'server_error') return 'sso-unavailable';
    if (error !== undefined && MISCONFIGURED.has(error)) return 'sso-misconfigured';
    if (code !== undefined && UNTRUSTED.test(code)) return 'sso-misconfigured';
    if (code === CLIENT_REFUSED) return 'sso-misconfigured';
    if (cause instanceof ProviderMismatch) return 'sso-misconfigured';
    if (status !== undefined && (status >= 500 || status === 429)) return 'sso-unavailable';
    if (cause instanceof ProviderStatusError) return 'sso-misconfigured';
    if (cause instanceof Error && cause.name === 'TimeoutError') return 'sso-unavailable';
    if (code !== undefined && /^(E[A-Z]+|UND_ERR_\w+|OAUTH_TIMEOUT)$/.test(code)) {
      return 'sso-unavailable';
    }
  }
  return undefined;
}

/** The outermost message, the provider's own words and the innermost cause. */
function reasonOf(causes: readonly unknown[]): string {
  const parts = causes.flatMap((cause) => {
    const { error, code } = cluesIn(cause);
    if (!(cause instanceof Error)) return error === undefined ? [] : [`error ${error}`];
    const { error_description: description } = cause as { error_description?: unknown };
    return [
      cause.message,
      ...(error === undefined ? [] : [`error ${error}`]),
      ...(typeof description === 'string' ? [`error_description "${description}"`] : []),
      ...(code === undefined || cause.message.includes(code) ? [] : [code]),
    ];
  });
  const different = [...new Set(parts.filter(Boolean))];
  // The provider's message may have any characters, but a log entry must stay one line.
  return different
    .join(': ')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_REASON_LENGTH);
}

/** The error and its causes, the innermost last. */
function* causesOf(thrown: unknown): Generator {
  let each = thrown;
  for (let depth = 0; each !== undefined && depth < MAX_DEPTH; depth += 1) {
    yield each;
    // Node tries each address of a host, and reports all failures together.
    each = each instanceof AggregateError ? each.errors[0] : (each as { cause?: unknown }).cause;
  }
}

function cluesIn(cause: unknown): Clues {
  // A 401 of the token endpoint comes as its challenges (RFC 9110, section 11.6.1).
  const [challenge] = Array.isArray(cause) ? (cause as { parameters?: object }[]) : [];
  const { error, code, status } = (challenge?.parameters ?? cause ?? {}) as Record<string, unknown>;
  return {
    error: typeof error === 'string' ? error : undefined,
    code: typeof code === 'string' ? code : undefined,
    status: typeof status === 'number' ? status : undefined,
  };
}
