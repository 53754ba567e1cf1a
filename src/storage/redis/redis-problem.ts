import { StartError } from '../../errors/start-error.js';
import type { Node } from './redis-url.js';
import { tooOld } from './redis-facts.js';

/**
 * Why a Redis or sentinel cannot be used, as a sentence for the operator without secrets. It is a `StartError` if the
 * server refuses the connection, which only the operator can change. Any other error may be temporary.
 */
export function redisProblem(what: string, { host, port }: Node, cause: unknown): Error {
  const { message, code = '' } = cause as RedisFailure;
  const refusal = refusalIn(message, code);
  // Node tries all addresses of a host name, and the error for all of them has no message.
  const sentence = `${what} at ${host}:${port} ${refusal ?? `cannot be used: ${message || code}`}.`;
  const problem = refusal === undefined ? new Error(sentence) : new StartError(sentence);
  problem.cause = cause;
  return problem;
}

type RedisFailure = Error & { readonly code?: string };

function refusalIn(message: string, code: string): string | undefined {
  if (message.startsWith('WRONGPASS')) return 'refuses the user or the password of REDIS_URL';
  if (message.startsWith('NOAUTH')) return 'wants a password: put it into REDIS_URL';
  if (message.startsWith('NOPERM')) return `forbids its user what we need (${message})`;
  if (/^(NOPROTO|ERR unknown command)/.test(message)) return tooOld('it does not speak RESP3');
  if (message.startsWith('ERR This instance has cluster support disabled'))
    return 'is no node of a Redis Cluster: begin REDIS_URL with redis or redis+sentinel';
  // An alert comes from the server: it is about the client certificate.
  if (/_ALERT_(.*CERT|UNKNOWN_CA)/.test(code))
    return `wants a client certificate that it trusts: sslcert and sslkey in REDIS_URL (${code})`;
  if (isAboutCertificate(code)) return `has a TLS certificate that is not trusted (${code})`;
  if (code.startsWith('ERR_SSL_')) return `does not speak TLS as REDIS_URL says (${code})`;
  return undefined;
}

/** Codes of Node and OpenSSL. */
function isAboutCertificate(code: string): boolean {
  return /CERT|SIGNATURE|ERR_TLS_/.test(code);
}
