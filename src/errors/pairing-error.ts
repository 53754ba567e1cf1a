/**
 * Everything that can be refused, by a code that clients may switch on, with the sentence they get.
 * What HTTP makes of each is said once, in `http/problem.ts`.
 */
export const catalogue = {
  'bad-request': 'The request cannot be understood.',
  'invalid-body': 'The body is not valid.',
  'invalid-query': 'The query is not valid.',
  'sign-in-required': 'Sign in with CERN SSO: this needs a session or a bearer token.',
  'invalid-token': 'The bearer token is not valid.',
  'sign-in-failed': 'CERN SSO did not sign you in. Try again.',
  'sign-in-denied':
    'CERN SSO did not let you in, or the sign-in was cancelled. Try again, or ask the operator of this service whether your account may use it.',
  'sign-in-lost':
    'This browser no longer has the cookie of the sign-in: it takes 30 minutes at most, and cookies must be allowed. Sign in again.',
  'cross-site': 'Another site asked for this. Ask for it here.',
  'role-required': 'Your account lacks the role that this needs.',
  'master-locked':
    'The master’s keys are locked: only the address that wrote one, and the owner of the PIN, may change it.',
  'not-found': 'Not found.',
  'method-not-allowed': 'Method not allowed.',
  'not-acceptable': 'Could not satisfy the request Accept header.',
  'request-timeout': 'The request did not arrive in time.',
  'key-exists': 'The key exists already.',
  'cluster-full': 'The cluster holds as many keys as it may.',
  'body-too-large': 'The body is too large.',
  'unsupported-media-type':
    'Send the body as application/json or application/x-www-form-urlencoded.',
  'headers-too-large': 'The URL and the headers are too large: at most 16 KiB.',
  'too-many-pins': 'You have as many live PINs as you may. Revoke one, or wait until one expires.',
  'storage-unavailable': 'The storage does not answer. Try again shortly.',
  'sso-unavailable': 'CERN SSO does not answer, so nobody can be signed in. Try again shortly.',
  'sso-misconfigured':
    'This service is not set up for CERN SSO as it should be, so nobody can be signed in. Tell the operator of this service.',
  'too-many-requests': 'Too many requests. Try again later.',
  'internal-error': 'Something went wrong here. It has been logged.',
} as const;

export type ErrorCode = keyof typeof catalogue;

/** What was wrong with each field of a body, in the words for its author. */
export type FieldErrors = Record<string, string[]>;

/** A refusal out of the catalogue; the only error that features and adapters throw on purpose. */
export class PairingError extends Error {
  readonly fields: FieldErrors | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    options: {
      detail?: string;
      fields?: FieldErrors;
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    super(options.detail ?? catalogue[code], { cause: options.cause });
    this.name = 'PairingError';
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/**
 * No cluster has this PIN: it was never issued, or has expired, or was ended. The answer is that of
 * anything else that is not there; who asks for such PINs too often is throttled.
 */
export class UnknownPinError extends PairingError {
  constructor() {
    super('not-found');
  }
}
