import { isIP } from 'node:net';
import {
  IsIn,
  IsOptional,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
  validateSync,
} from 'class-validator';
import { StartError } from '../errors/start-error.js';
import { developmentSecret } from './development-secret.js';
import { MAX_PIN_TTL_MS, MIN_PIN_TTL_MS, parseDuration } from './duration.js';
import { Settings } from './settings.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const TRACE_SAMPLERS = ['always_on', 'always_off', 'traceidratio'].flatMap((sampler) => [
  sampler,
  `parentbased_${sampler}`,
]);
const CERN_ISSUER = 'https://auth.cern.ch/auth/realms/cern';
/** The default of OpenTelemetry's Prometheus exporters. */
const DEFAULT_METRICS_PORT = 9464;
/** IPv6 and IPv4, by a dual-stack socket. */
const ALL_INTERFACES = '::';
const MINUTE = 60_000;
/** No curl or proxy waits longer for an answer. */
const MAX_WAIT_SECONDS = 300;
const MIN_SECRET_LENGTH = 32;
const DEVELOPMENT_CLIENT_SECRET = 'development';
/** The algorithms with public keys that `passport-jwt` supports. HMAC and `none` prove nothing about the provider. */
const ALGORITHMS = ['RS', 'PS', 'ES'].flatMap((family) =>
  ['256', '384', '512'].map((bits) => family + bits),
);
/** The path below the issuer at which its description is (OpenID Connect Discovery 1.0, section 4). */
const DISCOVERY_PATH = '/.well-known/openid-configuration';

const ORIGIN_SHAPE = /^https?:\/\/[^\s?#/]+$/;
const ORIGIN_RULE =
  'must be an http(s) URL without a path, a query and a trailing slash: the service is not served below a path, give it a host name of its own';
const URL_SHAPE = /^https?:\/\/[^\s?#]*[^\s?#/]$/;
const URL_RULE = 'must be an http(s) URL without a trailing slash';
const SECRET_RULE = `must have at least ${MIN_SECRET_LENGTH} characters`;

const PORT_RULE = 'must be a port number, 0 to 65535';

const Must = (message: string, validate: (value: string) => boolean): PropertyDecorator =>
  ValidateBy({ name: 'must', validator: { validate, defaultMessage: () => message } });

/** The environment as the operator writes it. An empty variable counts as unset. */
class Environment {
  @IsIn(['development', 'test', 'production'], {
    message: 'must be development, test or production',
  })
  NODE_ENV = 'development';

  @IsOptional()
  HOST?: string;

  @Must(PORT_RULE, isPort)
  PORT = '3000';

  @IsOptional()
  @Must(PORT_RULE, isPort)
  METRICS_PORT?: string;

  @IsOptional()
  @Matches(ORIGIN_SHAPE, { message: ORIGIN_RULE })
  PUBLIC_URL?: string;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  @Must('must be a number of proxies, or addresses and networks separated by commas', isProxyList)
  TRUSTED_PROXIES = '0';

  DATA_DIR = 'data';

  /** Checked by the storage adapter that uses it. */
  @IsOptional()
  REDIS_URL?: string;

  /** Checked by the storage adapter that uses it. */
  @IsOptional()
  DATABASE_URL?: string;

  @IsOptional()
  @MinLength(MIN_SECRET_LENGTH, { message: SECRET_RULE })
  PIN_SECRET?: string;

  @IsOptional()
  @MinLength(MIN_SECRET_LENGTH, { message: SECRET_RULE })
  PIN_SECRET_PREVIOUS?: string;

  @IsOptional()
  @MinLength(MIN_SECRET_LENGTH, { message: SECRET_RULE })
  SESSION_SECRET?: string;

  @IsOptional()
  @MinLength(MIN_SECRET_LENGTH, { message: SECRET_RULE })
  SESSION_SECRET_PREVIOUS?: string;

  @Must(
    'must be 10m to 24h',
    (ttl) => parseDuration(ttl) >= MIN_PIN_TTL_MS && parseDuration(ttl) <= MAX_PIN_TTL_MS,
  )
  PIN_TTL = '24h';

  @Must(
    'must be a number, 1 to 100000',
    (count) => Number(count) >= 1 && /^(\d{1,5}|100000)$/.test(count),
  )
  MAX_LIVE_PINS_PER_USER = '100';

  @Must('must be 2d to 3650d', (text) => days(text) >= 2 && days(text) <= 3650)
  ISSUANCE_RETENTION = '400d';

  @Matches(/^[1-9]\d{0,6}$/, { message: 'must be a number from 1 to 9999999' })
  MAX_PINS_PER_HOUR = '100';

  @Matches(/^\d{1,9}$/, { message: 'must be a number of seconds' })
  HSTS_SECONDS = '0';

  @IsOptional()
  @Must('must be origins, such as https://example.org, separated by commas', areOrigins)
  CORS_ORIGINS?: string;

  @IsIn(['true', 'false'], { message: 'must be true or false' })
  LOCK_MASTER = 'false';

  @Must(`must be a whole number of seconds, 0 to ${MAX_WAIT_SECONDS}`, isWait)
  MAX_WAIT_SECONDS = '25';

  @Must(`must be a whole number of seconds, 0 to ${MAX_WAIT_SECONDS}`, isWait)
  HOLD_SECONDS = '25';

  @IsIn(['true', 'false'], { message: 'must be true or false' })
  HOLD_BEFORE_MASTER = 'false';

  @Must('must be a whole number', (text) => /^\d{1,7}$/.test(text))
  MAX_HELD_REQUESTS = '20000';

  @Must('must be a whole number from 1', (text) => /^[1-9]\d{0,6}$/.test(text))
  CONNECTION_RESERVE = '5000';

  @Matches(URL_SHAPE, { message: URL_RULE })
  OIDC_ISSUER = CERN_ISSUER;

  @IsOptional()
  OIDC_CLIENT_ID?: string;

  @IsOptional()
  OIDC_CLIENT_SECRET?: string;

  @IsOptional()
  OIDC_AUDIENCE?: string;

  @IsOptional()
  OIDC_PUBLIC_CLIENT_ID?: string;

  @Must(`must be one or several of ${ALGORITHMS.join(', ')}, separated by commas`, areAlgorithms)
  OIDC_ALGORITHMS = 'RS256';

  @IsOptional()
  OIDC_USERNAME_CLAIM?: string;

  @IsOptional()
  OIDC_ROLES_CLAIM?: string;

  @IsOptional()
  REQUIRED_ROLE?: string;

  @MaxLength(500, { message: 'must have at most 500 characters' })
  ROLE_HELP = 'Ask the operator of this service for it.';

  @IsOptional()
  ADMIN_ROLE?: string;

  // OpenTelemetry's variables that decide whether to trace; its libraries read the others.
  @IsOptional()
  OTEL_SDK_DISABLED?: string;

  @IsOptional()
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @IsOptional()
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string;

  @IsIn(TRACE_SAMPLERS, { message: `must be one of ${TRACE_SAMPLERS.join(', ')}` })
  OTEL_TRACES_SAMPLER = 'parentbased_always_on';

  @Must('must be a number from 0 to 1', (ratio) => Number(ratio) >= 0 && Number(ratio) <= 1)
  OTEL_TRACES_SAMPLER_ARG = '1';
}

/**
 * Reads and checks the environment.
 * @throws StartError naming the variable and the rule, never the value.
 */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const environment = new Environment();
  for (const name of Object.keys(environment) as (keyof Environment)[]) {
    if (variables[name]) Object.assign(environment, { [name]: variables[name] });
  }
  const [error] = validateSync(environment);
  if (error)
    throw new StartError(`${error.property} ${Object.values(error.constraints ?? {})[0]}.`);

  const production = environment.NODE_ENV === 'production';
  if (production) assertProduction(environment);

  const localUrl = `http://localhost:${environment.PORT}`;
  const publicUrl = environment.PUBLIC_URL ?? localUrl;
  const clientId = environment.OIDC_CLIENT_ID ?? 'cluster-pairing';
  return Object.freeze<Settings>({
    production,
    host: environment.HOST ?? (production ? ALL_INTERFACES : '127.0.0.1'),
    port: Number(environment.PORT),
    metricsPort: metricsPort(environment),
    traceRatio: traceRatio(environment),
    publicUrl,
    publicHost: publicUrl === localUrl ? undefined : new URL(publicUrl).host,
    logLevel: environment.LOG_LEVEL,
    trustedProxies: trustedProxies(environment.TRUSTED_PROXIES),
    dataDir: environment.DATA_DIR,
    redisUrl: environment.REDIS_URL,
    databaseUrl: environment.DATABASE_URL,
    pinSecret: environment.PIN_SECRET ?? developmentSecret(environment.DATA_DIR, 'pin'),
    previousPinSecret: environment.PIN_SECRET_PREVIOUS,
    sessionSecret: environment.SESSION_SECRET ?? developmentSecret(environment.DATA_DIR, 'session'),
    previousSessionSecret: environment.SESSION_SECRET_PREVIOUS,
    hstsSeconds: Number(environment.HSTS_SECONDS),
    corsOrigins: environment.CORS_ORIGINS ? listOf(environment.CORS_ORIGINS) : [],
    maxPinsPerHour: Number(environment.MAX_PINS_PER_HOUR),
    pinTtlMs: parseDuration(environment.PIN_TTL),
    maxLivePins: Number(environment.MAX_LIVE_PINS_PER_USER),
    issuanceRetentionMs: days(environment.ISSUANCE_RETENTION) * 24 * 60 * MINUTE,
    lockMaster: environment.LOCK_MASTER === 'true',
    maxWaitSeconds: Number(environment.MAX_WAIT_SECONDS),
    holdSeconds: Number(environment.HOLD_SECONDS),
    holdBeforeMaster: environment.HOLD_BEFORE_MASTER === 'true',
    maxHeldRequests: Number(environment.MAX_HELD_REQUESTS),
    connectionReserve: Number(environment.CONNECTION_RESERVE),
    issuer: issuerOf(environment.OIDC_ISSUER),
    clientId,
    clientSecret: environment.OIDC_CLIENT_SECRET ?? DEVELOPMENT_CLIENT_SECRET,
    audience: environment.OIDC_AUDIENCE ?? clientId,
    publicClientId: environment.OIDC_PUBLIC_CLIENT_ID,
    algorithms: listOf(environment.OIDC_ALGORITHMS),
    usernameClaim: environment.OIDC_USERNAME_CLAIM,
    rolesClaim: environment.OIDC_ROLES_CLAIM,
    requiredRole: environment.REQUIRED_ROLE,
    roleHelp: environment.ROLE_HELP,
    adminRole: environment.ADMIN_ROLE,
  });
}

/** The settings that production requires, and their meaning for the message. */
const required = {
  PUBLIC_URL: 'the https URL at which browsers reach this service',
  PIN_SECRET: 'at least 32 random characters, the same on every replica',
  SESSION_SECRET: 'at least 32 random characters, the same on every replica',
  OIDC_CLIENT_ID: 'the identifier the application has at CERN SSO',
  OIDC_CLIENT_SECRET: 'the secret the application has at CERN SSO',
} as const satisfies Partial<Record<keyof Environment, string>>;

/** Checks the rules that apply only in production. */
function assertProduction(environment: Environment): void {
  for (const [name, value] of Object.entries(required)) {
    if (environment[name as keyof typeof required] === undefined) {
      throw new StartError(`Set ${name} to ${value}.`);
    }
  }
  const { PUBLIC_URL, PIN_SECRET, SESSION_SECRET, OIDC_CLIENT_SECRET, OIDC_ISSUER } =
    environment as Required<Environment>;
  if (!isProtected(PUBLIC_URL)) {
    throw new StartError(
      'PUBLIC_URL must be an https URL in production, because the session cookie must not travel in clear; http is accepted for localhost only.',
    );
  }
  if (!OIDC_ISSUER.startsWith('https:')) {
    throw new StartError(
      'OIDC_ISSUER must be an https URL in production: the development one believes everyone.',
    );
  }
  for (const [name, secret] of Object.entries({ PIN_SECRET, SESSION_SECRET })) {
    if (isWeak(secret)) {
      throw new StartError(
        `${name} can be guessed: set it to at least 32 random characters, such as the output of "openssl rand -base64 32".`,
      );
    }
  }
  if (PIN_SECRET === SESSION_SECRET) {
    throw new StartError('PIN_SECRET and SESSION_SECRET must differ.');
  }
  if (OIDC_CLIENT_SECRET === DEVELOPMENT_CLIENT_SECRET || isPlaceholder(OIDC_CLIENT_SECRET)) {
    throw new StartError(`Set OIDC_CLIENT_SECRET to ${required.OIDC_CLIENT_SECRET}.`);
  }
}

/** Whether a URL uses https, or is on this machine, as with a port-forward. */
function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/**
 * Whether a secret was probably typed and not generated at random. 16 random bytes in hexadecimal have fewer than 11
 * different characters in one of a thousand cases; 32 characters of Base64 practically never have fewer than 16.
 */
function isWeak(secret: string): boolean {
  const different = new Set(secret).size;
  return isPlaceholder(secret) || different < (/^[0-9a-f]+$/i.test(secret) ? 11 : 16);
}

function isPlaceholder(secret: string): boolean {
  return /^change.?me/i.test(secret);
}

/** The issuer. Also accepts the URL of its description. */
function issuerOf(url: string): string {
  return url.endsWith(DISCOVERY_PATH) ? url.slice(0, -DISCOVERY_PATH.length) : url;
}

/** The port of the metrics. By default none in development, where several services may run on one machine. */
function metricsPort({ METRICS_PORT, NODE_ENV }: Environment): number | undefined {
  if (METRICS_PORT !== undefined) return Number(METRICS_PORT);
  return NODE_ENV === 'production' ? DEFAULT_METRICS_PORT : undefined;
}

/** The share of traced requests. Our traces have no parent, so a `parentbased_` sampler is the same as the plain one. */
function traceRatio(environment: Environment): number {
  const collector =
    environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  const sampler = environment.OTEL_TRACES_SAMPLER;
  if (collector === undefined || environment.OTEL_SDK_DISABLED === 'true') return 0;
  if (sampler.endsWith('always_off')) return 0;
  return sampler.endsWith('always_on') ? 1 : Number(environment.OTEL_TRACES_SAMPLER_ARG);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) < 65536;
}

/** NaN if the text is not a number of days. */
function days(text: string): number {
  return Number(/^(\d{1,4})d$/.exec(text)?.[1]);
}

function isWait(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= MAX_WAIT_SECONDS;
}

function trustedProxies(text: string): number | string[] {
  return /^\d+$/.test(text) ? Number(text) : listOf(text);
}

function areOrigins(text: string): boolean {
  return listOf(text).every((each) => ORIGIN_SHAPE.test(each));
}

function isProxyList(text: string): boolean {
  const proxies = trustedProxies(text);
  return typeof proxies === 'number' || proxies.every(isNetwork);
}

function listOf(text: string): string[] {
  return text.split(',').map((each) => each.trim());
}

function areAlgorithms(text: string): boolean {
  return listOf(text).every((each) => ALGORITHMS.includes(each));
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
}
