import type { LevelWithSilent } from 'pino';

/**
 * What the operator has set, read once at start. Each comment names the environment variable;
 * `docs/settings.md` has the table.
 */
export abstract class Settings {
  /** `NODE_ENV` is `production`. */
  abstract readonly production: boolean;
  /** `HOST`: the address to listen on. */
  abstract readonly host: string;
  /** `PORT` */
  abstract readonly port: number;
  /** `METRICS_PORT`: the port of `/metrics`; undefined: nowhere. */
  abstract readonly metricsPort: number | undefined;
  /** The part of the requests to trace, 0 to 1, by the `OTEL_*` variables; 0: no collector is told of. */
  abstract readonly traceRatio: number;
  /** `PUBLIC_URL`: where people reach the service, without a trailing slash. */
  abstract readonly publicUrl: string;
  /** `LOG_LEVEL` */
  abstract readonly logLevel: LevelWithSilent;
  /** `TRUSTED_PROXIES`: the number of proxies in front of the service, or their addresses. */
  abstract readonly trustedProxies: number | readonly string[];
  /** `DATA_DIR`: where the embedded database is. */
  abstract readonly dataDir: string;
  /** `REDIS_URL`: where clusters live; undefined: in the embedded database. */
  abstract readonly redisUrl: string | undefined;
  /** `DATABASE_URL`: where the record of PINs is kept; undefined: in the embedded database. */
  abstract readonly databaseUrl: string | undefined;
  /** `PIN_SECRET`: what makes stored data worthless to who has not got it. */
  abstract readonly pinSecret: string;
  /** `PIN_SECRET_PREVIOUS`: the other one of a change, under which clusters may live as well. */
  abstract readonly previousPinSecret: string | undefined;
  /** `MAX_PINS_PER_HOUR`: how many one person is issued at most. */
  abstract readonly maxPinsPerHour: number;
  /** `HSTS_SECONDS`: for how long browsers shall insist on https; 0: we do not say. */
  abstract readonly hstsSeconds: number;
  /** `CORS_ORIGINS`: whose pages may call the API. */
  abstract readonly corsOrigins: readonly string[];
  /** `SESSION_SECRET`: what encrypts the session cookie. */
  abstract readonly sessionSecret: string;
  /** `SESSION_SECRET_PREVIOUS`: the one before, whose cookies are still good. */
  abstract readonly previousSessionSecret: string | undefined;
  /** `PIN_TTL`, in milliseconds. */
  abstract readonly pinTtlMs: number;
  /** `MAX_LIVE_PINS_PER_USER` */
  abstract readonly maxLivePins: number;
  /** `ISSUANCE_RETENTION`: how long the record of a PIN is kept, in milliseconds. */
  abstract readonly issuanceRetentionMs: number;
  /** `MAX_WAIT_SECONDS`: the longest that a request is held. */
  abstract readonly maxWaitSeconds: number;
  /** `HOLD_SECONDS`: how long a request is held that does not ask for it. */
  abstract readonly holdSeconds: number;
  /** `MAX_HELD_REQUESTS` */
  abstract readonly maxHeldRequests: number;
  /** `OIDC_ISSUER`, without a trailing slash. */
  abstract readonly issuer: string;
  /** `OIDC_CLIENT_ID`: the application's name at CERN SSO. */
  abstract readonly clientId: string;
  /** `OIDC_CLIENT_SECRET`: the application's password at CERN SSO. */
  abstract readonly clientSecret: string;
  /** `OIDC_AUDIENCE`: whom a token must be meant for. */
  abstract readonly audience: string;
  /** `REQUIRED_ROLE`: the role without which nobody gets a PIN; undefined: everyone may. */
  abstract readonly requiredRole: string | undefined;
  /** `ADMIN_ROLE`: the role that may see and revoke everyone's PINs; undefined: nobody may. */
  abstract readonly adminRole: string | undefined;
}
