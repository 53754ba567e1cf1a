import type { DataSourceOptions } from 'typeorm';
import { StartError } from '../../errors/start-error.js';
import { issuances, leases, sessions } from './tables.js';

export type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

const CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 3_000;

/** The options for a `DATABASE_URL`. Fails with a `StartError` when it is not valid. */
export function postgresOptions(url: string): PostgresOptions {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new StartError(
      'DATABASE_URL must be postgres://[user:password@]host[:port]/database[?sslmode=…].',
    );
  }
  return {
    type: 'postgres',
    url: withVerifiedTls(url),
    applicationName: 'cernvm-cluster-pairing',
    entities: [issuances, leases, sessions],
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolSize: CONNECTIONS,
    extra: { keepAlive: true, ...timeouts(QUERY_TIMEOUT_MS) },
    poolErrorHandler: () => {}, // the next query on the connection fails, and is handled
    installExtensions: false,
    logging: false,
  };
}

/** How long a statement may take, for pg and for the server; 0 is no limit. */
export function timeouts(ms: number): object {
  return { query_timeout: ms, statement_timeout: ms };
}

/**
 * Makes every `sslmode` with TLS verify the server's certificate and name, because TLS with an unverified server
 * protects nothing. pg does so today, but warns that its next version will not, as libpq does not.
 */
function withVerifiedTls(url: string): string {
  return url.replace(/(?<=[?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, 'verify-full');
}
