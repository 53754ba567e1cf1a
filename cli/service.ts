import { answerOf, type Client, createPairingClient } from '../client/client.ts';
import { rememberedService } from './credentials.ts';
import { CommandError, exitCodes, usageError } from './exit-codes.ts';
import { explain } from './failures.ts';
import { lookForUpdate } from './service-info.ts';
import { currentToken } from './sign-in.ts';

/** The longest time until an answer begins. */
const ANSWER_MS = 30_000;

/** A pairing service, used with or without a sign-in. */
export interface Service {
  readonly url: string;
  readonly client: Client;
  /** The body of a successful answer; fails with a {@link CommandError} that says what to do. */
  readonly ask: <T>(operation: Parameters<typeof answerOf<T>>[0]) => Promise<T>;
}

interface ServiceOptions {
  readonly service?: string | undefined;
  readonly token?: string | undefined;
}

/** The service that the options name, without a sign-in, for requests that need only the PIN. */
export async function connect(options: ServiceOptions): Promise<Service> {
  return serviceAt(await serviceUrlOf(options.service), undefined);
}

/** The service that the options name, used as the signed-in user. */
export async function connectSignedIn(options: ServiceOptions): Promise<Service> {
  const url = await serviceUrlOf(options.service);
  const token = options.token || (await currentToken(url));
  if (!token) {
    throw new CommandError(
      'You are not signed in. Run: cernvm-pairing login (or set PAIRING_TOKEN)',
      exitCodes.signIn,
    );
  }
  return serviceAt(url, token);
}

function serviceAt(url: string, token: string | undefined): Service {
  const client = createPairingClient({ serviceUrl: url, token, fetch: fetchInTime });
  lookForUpdate(url);
  return {
    url,
    client,
    async ask(operation) {
      try {
        return await answerOf(operation);
      } catch (error) {
        throw explain(error, url);
      }
    },
  };
}

/** The address of the service, as contexts have it: that given, or that of the last login. */
export async function serviceUrlOf(given: string | undefined): Promise<string> {
  const address = given || (await rememberedService());
  if (!address) {
    throw usageError('Which service? Give --service URL, set PAIRING_URL, or run login once.');
  }
  return normalize(address);
}

function normalize(address: string): string {
  const withScheme = address.includes('://') ? address : `https://${address}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    throw usageError(`--service: ${address} is not an address such as https://pairing.example.org`);
  }
  return url.href.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

/** Fails when the answer does not begin in time. After that a stream may last any time. */
async function fetchInTime(request: Request): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('timeout')), ANSWER_MS);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, late.signal]) });
  } finally {
    clearTimeout(timer);
  }
}
