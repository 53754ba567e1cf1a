import createClient, { type Client as ApiClient } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

type Schemas = components['schemas'];
export type ErrorCode = Schemas['ErrorCode'];
export type ClusterSnapshot = Schemas['ClusterSnapshot'];
export type Issuance = Schemas['IssuanceInfo'];

/** The operations of the service, typed by `openapi.yaml`: `client.GET('/api/v1/issuances')`. */
export type Client = ApiClient<paths>;

/** The service to use, and how to authenticate. */
export interface ClientOptions {
  /** Without `/api/v1` and without a slash at its end; '' for the page's own service. */
  readonly serviceUrl: string;
  /** A bearer token. Without it, the session of the browser is used, if there is one. */
  readonly token?: string | undefined;
  /** Used instead of the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** A client of the service. Call operations inside {@link answerOf}, which turns refusals into errors. */
export function createPairingClient({ serviceUrl, token, fetch }: ClientOptions): Client {
  return createClient<paths>({
    baseUrl: serviceUrl,
    redirect: 'manual', // the service never redirects API requests, so another server answered
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    ...(fetch && { fetch }),
  });
}

/** The service refused a request. The message is that of the service. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  readonly status: number;
  /** Undefined when the answer is not one of the pairing service. */
  readonly code: ErrorCode | undefined;
  /** From `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, status: number, code?: ErrorCode, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came. `cause` is the error of `fetch`. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** The result of an operation of {@link Client}. */
interface Outcome<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * The body of a successful answer. Fails with a {@link RefusedError} or an {@link UnreachableError}.
 * A success that is not JSON is a {@link RefusedError} too: something else answers at that address.
 */
export async function answerOf<T>(operation: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await operation;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw foreignAnswer(200);
    throw new UnreachableError('The service does not answer.', { cause });
  }
  const { data, error, response } = outcome;
  if (!response.ok) throw refusalOf(error, response);
  return data as T;
}

function refusalOf(error: unknown, { status, headers }: Response): RefusedError {
  if (!isProblem(error)) return foreignAnswer(status, retryAfter(headers));
  const [messages] = Object.values(error.errors ?? {});
  const message = messages?.[0] ?? error.detail;
  return new RefusedError(message, status, error.code, retryAfter(headers));
}

function foreignAnswer(status: number, retryAfterSeconds?: number): RefusedError {
  const message = `The answer (HTTP ${status}) is not one of the pairing service.`;
  return new RefusedError(message, status, undefined, retryAfterSeconds);
}

function isProblem(body: unknown): body is Schemas['Problem'] {
  const { code, detail } = (body ?? {}) as Record<string, unknown>;
  return typeof code === 'string' && typeof detail === 'string';
}

function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
