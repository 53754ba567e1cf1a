import { RefusedError, UnreachableError } from '../client/client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { plain } from './output.ts';

/** Turns a failed request into a sentence for the user and an exit code. */
export function explain(error: unknown, serviceUrl: string): unknown {
  if (error instanceof UnreachableError) {
    const { host } = new URL(serviceUrl);
    return new CommandError(
      `${sentenceOf(innermostCause(error), host)} Look closer with: cernvm-pairing doctor --service ${serviceUrl}`,
      exitCodes.unavailable,
      { cause: error },
    );
  }
  if (!(error instanceof RefusedError)) return error;
  return new CommandError(wordsOf(error, serviceUrl), exitCodeOf(error), { cause: error });
}

function wordsOf(
  { status, code, message, retryAfterSeconds }: RefusedError,
  serviceUrl: string,
): string {
  if (code === undefined) {
    return `Something else than the pairing service answers at ${serviceUrl} (HTTP ${status}). Check the address.`;
  }
  if (status === 401) {
    return 'Your sign-in is not valid, or has expired. Run: cernvm-pairing login (or renew PAIRING_TOKEN)';
  }
  if (status === 404) return 'There is no such cluster: it was never issued, or it has ended.';
  const wait = retryAfterSeconds === undefined ? '' : ` (in ${retryAfterSeconds} s)`;
  return `${plain(message)}${wait}`;
}

function exitCodeOf({ status, code }: RefusedError): number {
  if (status === 401 || code === 'role-required') return exitCodes.signIn;
  if (status === 404 && code) return exitCodes.gone;
  const isTemporary = status >= 500 || (status === 429 && code !== 'too-many-pins');
  return isTemporary ? exitCodes.unavailable : exitCodes.failure;
}

interface Failure {
  readonly code: string | undefined;
  readonly message: string;
}

/** The innermost cause of an error: `fetch` wraps network errors once or more. */
export function innermostCause(error: unknown): Failure {
  const { cause, errors, code, message } = error as NodeJS.ErrnoException & {
    errors?: unknown[];
  };
  if (errors?.[0] !== undefined) return innermostCause(errors[0]); // one error for each address of the host
  return cause === undefined ? { code, message } : innermostCause(cause);
}

/** A sentence on an error of the network or of TLS. */
export function sentenceOf({ code = '', message }: Failure, host: string): string {
  if (/^(ENOTFOUND|EAI_)/.test(code)) return `The name of ${host} cannot be resolved.`;
  if (code === 'ECONNREFUSED') return `Nothing accepts connections at ${host}.`;
  if (/TIMEDOUT|TIMEOUT/.test(code) || message === 'timeout')
    return `${host} does not answer in time.`;
  if (/CERT|SIGNATURE/.test(code)) {
    return `The certificate of ${host} is not trusted: ${message}. For an authority that Node does not know, set NODE_EXTRA_CA_CERTS to its PEM file.`;
  }
  return `No answer from ${host}: ${message}.`;
}
