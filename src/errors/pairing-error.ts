/**
 * All errors that a client can get, by code, with the message. `http/problem.ts` maps each to an HTTP status.
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
  'too-few-members': 'The cluster has fewer members than you asked for.',
  'key-exists': 'The key exists already.',
  'member-exists': 'Another machine is a member under this name.',
  'cluster-full': 'The cluster has the maximum number of keys or members.',
  'body-too-large': 'The body is too large.',
  'unsupported-media-type':
    'Send the body as application/json or application/x-www-form-urlencoded.',
  'headers-too-large': 'The URL and the headers are too large: at most 16 KiB.',
  'too-many-pins':
    'You have reached the limit of live PINs. Revoke one, or wait until one expires.',
  'storage-unavailable': 'The storage does not answer. Try again shortly.',
  'sso-unavailable': 'CERN SSO does not answer, so nobody can be signed in. Try again shortly.',
  'sso-misconfigured':
    'This service is not set up for CERN SSO as it should be, so nobody can be signed in. Tell the operator of this service.',
  'too-many-requests': 'Too many requests. Try again later.',
  'internal-error': 'Something went wrong here. It has been logged.',
} as const;

export type ErrorCode = keyof typeof catalogue;

/** What is wrong with each field of a body, as messages for the client. */
export type FieldErrors = Record<string, string[]>;

/** An error of the catalogue: the only kind that features and adapters throw on purpose. */
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
 * No cluster has this PIN: it was never issued, has expired or was ended. The answer is the same as for anything else
 * that is missing. Clients that ask for such PINs too often are throttled.
 */
export class UnknownPinError extends PairingError {
  constructor() {
    super('not-found');
  }
}

/** Whether this is the failure of a storage that does not answer. */
export function isStorageAway(error: unknown): boolean {
  return error instanceof PairingError && error.code === 'storage-unavailable';
}
