import { StartError } from '../../errors/start-error.js';
import type { Node } from './redis-url.js';
import { tooOld } from './redis-facts.js';

/** Why a Redis or sentinel cannot be used, as a sentence for the operator. No secret is in it. */
export function redisProblem(what: string, { host, port }: Node, error: unknown): StartError {
  const problem = new StartError(`${what} at ${host}:${port} ${predicate(error as RedisFailure)}.`);
  problem.cause = error;
  return problem;
}

type RedisFailure = Error & { readonly code?: string };

function predicate({ message, code = '' }: RedisFailure): string {
  if (message.startsWith('WRONGPASS')) return 'refuses the user or the password of REDIS_URL';
  if (message.startsWith('NOAUTH')) return 'wants a password: put it into REDIS_URL';
  if (message.startsWith('NOPERM')) return `forbids its user what we need (${message})`;
  if (/^(NOPROTO|ERR unknown command)/.test(message)) return tooOld('it does not speak RESP3');
  if (isAboutCertificate(code)) return `has a TLS certificate that is not trusted (${code})`;
  if (code.startsWith('ERR_SSL_')) return `does not speak TLS as REDIS_URL says (${code})`;
  // Node tries all addresses of a name, and of all failures together has no message.
  return `cannot be used: ${message || code}`;
}

/** Codes of Node and OpenSSL. */
function isAboutCertificate(code: string): boolean {
  return /CERT|SIGNATURE|ERR_TLS_/.test(code);
}
