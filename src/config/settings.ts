import type { LevelWithSilent } from 'pino';

/**
 * The settings of the operator, read once at start. Each comment names the environment variable;
 * `docs/settings.md` has the table.
 */
export abstract class Settings {
  /** `NODE_ENV` is `production`. */
  abstract readonly production: boolean;
  /** `HOST`: the address to listen on. */
  abstract readonly host: string;
  /** `PORT` */
  abstract readonly port: number;
  /** `METRICS_PORT`: the port of `/metrics`; undefined: not served. */
  abstract readonly metricsPort: number | undefined;
  /** The share of requests to trace, 0 to 1, by the `OTEL_*` variables; 0: no tracing. */
  abstract readonly traceRatio: number;
  /** `PUBLIC_URL`: the origin at which browsers reach the service, without a trailing slash. */
  abstract readonly publicUrl: string;
  /** The host of `PUBLIC_URL`, to which browsers are redirected; undefined: any host is accepted, as in development. */
  abstract readonly publicHost: string | undefined;
  /** `LOG_LEVEL` */
  abstract readonly logLevel: LevelWithSilent;
  /** `TRUSTED_PROXIES`: the number of proxies in front of the service, or their addresses. */
  abstract readonly trustedProxies: number | readonly string[];
  /** `DATA_DIR`: the folder of the embedded database. */
  abstract readonly dataDir: string;
  /** `REDIS_URL`: the Redis that holds the clusters; undefined: the embedded database does. */
  abstract readonly redisUrl: string | undefined;
  /** `DATABASE_URL`: the database that holds the record of PINs; undefined: the embedded one does. */
  abstract readonly databaseUrl: string | undefined;
  /** `PIN_SECRET`: needed, with the PIN, to decrypt stored data. */
  abstract readonly pinSecret: string;
  /** `PIN_SECRET_PREVIOUS`: during a change, the other secret under which clusters may be stored. */
  abstract readonly previousPinSecret: string | undefined;
  /** `MAX_PINS_PER_HOUR`: how many PINs one person may issue in an hour. */
  abstract readonly maxPinsPerHour: number;
  /** `HSTS_SECONDS`: the max-age of `Strict-Transport-Security`; 0: the header is not sent. */
  abstract readonly hstsSeconds: number;
  /** `CORS_ORIGINS`: the origins whose pages may call the API. */
  abstract readonly corsOrigins: readonly string[];
  /** `SESSION_SECRET`: encrypts sessions and the cookies of sign-ins. */
  abstract readonly sessionSecret: string;
  /** `SESSION_SECRET_PREVIOUS`: the secret before a change, still used to decrypt. */
  abstract readonly previousSessionSecret: string | undefined;
  /** `PIN_TTL`, in milliseconds. */
  abstract readonly pinTtlMs: number;
  /** `MAX_LIVE_PINS_PER_USER` */
  abstract readonly maxLivePins: number;
  /** `ISSUANCE_RETENTION`: how long the record of a PIN is kept, in milliseconds. */
  abstract readonly issuanceRetentionMs: number;
  /** `LOCK_MASTER`: whether only the writer of `master_ip` or `master_ready`, and the PIN's owner, may change it. */
  abstract readonly lockMaster: boolean;
  /** `MAX_WAIT_SECONDS`: the maximum time that a request is held. */
  abstract readonly maxWaitSeconds: number;
  /** `HOLD_SECONDS`: how long a request for `master_ready` is held that does not send `Prefer: wait`. */
  abstract readonly holdSeconds: number;
  /** `HOLD_BEFORE_MASTER`: whether requests for any key are held so, also before the master has registered. */
  abstract readonly holdBeforeMaster: boolean;
  /** `MAX_HELD_REQUESTS` */
  abstract readonly maxHeldRequests: number;
  /** `CONNECTION_RESERVE`: connections beyond those of held requests. */
  abstract readonly connectionReserve: number;
  /** `OIDC_ISSUER`, without a trailing slash. */
  abstract readonly issuer: string;
  /** `OIDC_CLIENT_ID`: the application's identifier at CERN SSO. */
  abstract readonly clientId: string;
  /** `OIDC_CLIENT_SECRET`: the application's secret at CERN SSO. */
  abstract readonly clientSecret: string;
  /** `OIDC_AUDIENCE`: the audience that a bearer token must have. */
  abstract readonly audience: string;
  /** `OIDC_PUBLIC_CLIENT_ID`: the public client with which command lines sign in; undefined: none. */
  abstract readonly publicClientId: string | undefined;
  /** `OIDC_ALGORITHMS`: the signature algorithms that are accepted, in bearer and in ID tokens. */
  abstract readonly algorithms: readonly string[];
  /** `OIDC_USERNAME_CLAIM`: the claim that names the user; undefined: see `userOf`. */
  abstract readonly usernameClaim: string | undefined;
  /** `OIDC_ROLES_CLAIM`: the claim that lists the roles, a path such as `realm_access.roles`; undefined: see `userOf`. */
  abstract readonly rolesClaim: string | undefined;
  /** `REQUIRED_ROLE`: the role that is needed to issue PINs; undefined: none is. */
  abstract readonly requiredRole: string | undefined;
  /** `ROLE_HELP`: a sentence that says how to get `REQUIRED_ROLE`, for those who lack it. */
  abstract readonly roleHelp: string;
  /** `ADMIN_ROLE`: the role that may list and revoke everyone's PINs; undefined: nobody may. */
  abstract readonly adminRole: string | undefined;
}
