import { isIP } from 'node:net';
import { IsIn, IsOptional, Matches, MinLength, ValidateBy, validateSync } from 'class-validator';
import { StartError } from '../errors/start-error.js';
import { developmentSecret } from './development-secret.js';
import { Settings } from './settings.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const TRACE_SAMPLERS = ['always_on', 'always_off', 'traceidratio'].flatMap((sampler) => [
  sampler,
  `parentbased_${sampler}`,
]);
const CERN_ISSUER = 'https://auth.cern.ch/auth/realms/cern';
/** The one that Prometheus exporters of OpenTelemetry listen on. */
const DEFAULT_METRICS_PORT = 9464;
const MINUTE = 60_000;
/** Nobody's curl or proxy waits longer for an answer. */
const LONGEST_WAIT_SECONDS = 300;

const URL_SHAPE = /^https?:\/\/[^\s?#]*[^\s?#/]$/;
const URL_RULE = 'must be an http(s) URL without a trailing slash';

const PORT_RULE = 'must be a port number, 0 to 65535';

const Must = (message: string, validate: (value: string) => boolean): PropertyDecorator =>
  ValidateBy({ name: 'must', validator: { validate, defaultMessage: () => message } });

/** The environment as the operator writes it. An empty variable counts as none. */
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
  @Matches(URL_SHAPE, { message: URL_RULE })
  PUBLIC_URL?: string;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  @Must('must be a number of proxies, or addresses and networks separated by commas', isProxyList)
  TRUSTED_PROXIES = '0';

  DATA_DIR = 'data';

  /** Its rules are known where it is used. */
  @IsOptional()
  REDIS_URL?: string;

  /** The same. */
  @IsOptional()
  DATABASE_URL?: string;

  @IsOptional()
  @MinLength(32, { message: 'must have at least 32 characters' })
  PIN_SECRET?: string;

  @IsOptional()
  @MinLength(32, { message: 'must have at least 32 characters' })
  PIN_SECRET_PREVIOUS?: string;

  @IsOptional()
  @MinLength(32, { message: 'must have at least 32 characters' })
  SESSION_SECRET?: string;

  @IsOptional()
  @MinLength(32, { message: 'must have at least 32 characters' })
  SESSION_SECRET_PREVIOUS?: string;

  @Must(
    'must be 10m to 24h',
    (ttl) => pinTtlMs(ttl) >= 10 * MINUTE && pinTtlMs(ttl) <= 1440 * MINUTE,
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

  @Must(`must be a whole number of seconds, 0 to ${LONGEST_WAIT_SECONDS}`, isWait)
  MAX_WAIT_SECONDS = '25';

  @Must(`must be a whole number of seconds, 0 to ${LONGEST_WAIT_SECONDS}`, isWait)
  HOLD_SECONDS = '0';

  @Must('must be a whole number', (text) => /^\d{1,7}$/.test(text))
  MAX_HELD_REQUESTS = '20000';

  @Matches(URL_SHAPE, { message: URL_RULE })
  OIDC_ISSUER = CERN_ISSUER;

  @IsOptional()
  OIDC_CLIENT_ID?: string;

  @IsOptional()
  OIDC_CLIENT_SECRET?: string;

  @IsOptional()
  OIDC_AUDIENCE?: string;

  @IsOptional()
  REQUIRED_ROLE?: string;

  @IsOptional()
  ADMIN_ROLE?: string;

  // Those of OpenTelemetry that decide whether to trace; the others are read by its libraries.
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

  const clientId = environment.OIDC_CLIENT_ID ?? 'cluster-pairing';
  return Object.freeze<Settings>({
    production,
    host: environment.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port: Number(environment.PORT),
    metricsPort: metricsPort(environment),
    traceRatio: traceRatio(environment),
    publicUrl: environment.PUBLIC_URL ?? `http://localhost:${environment.PORT}`,
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
    corsOrigins: environment.CORS_ORIGINS?.split(',').map((each) => each.trim()) ?? [],
    maxPinsPerHour: Number(environment.MAX_PINS_PER_HOUR),
    pinTtlMs: pinTtlMs(environment.PIN_TTL),
    maxLivePins: Number(environment.MAX_LIVE_PINS_PER_USER),
    issuanceRetentionMs: days(environment.ISSUANCE_RETENTION) * 24 * 60 * MINUTE,
    maxWaitSeconds: Number(environment.MAX_WAIT_SECONDS),
    holdSeconds: Number(environment.HOLD_SECONDS),
    maxHeldRequests: Number(environment.MAX_HELD_REQUESTS),
    issuer: environment.OIDC_ISSUER,
    clientId,
    clientSecret: environment.OIDC_CLIENT_SECRET ?? 'development',
    audience: environment.OIDC_AUDIENCE ?? clientId,
    requiredRole: environment.REQUIRED_ROLE,
    adminRole: environment.ADMIN_ROLE,
  });
}

/** What production cannot do without, and what to set it to. */
const needed = {
  PIN_SECRET: 'at least 32 random characters, the same on every replica',
  SESSION_SECRET: 'at least 32 random characters, the same on every replica',
  OIDC_CLIENT_ID: 'the identifier the application has at CERN SSO',
  OIDC_CLIENT_SECRET: 'the secret the application has at CERN SSO',
} as const satisfies Partial<Record<keyof Environment, string>>;

/** What development may leave out or relax, production may not. */
function assertProduction(environment: Environment): void {
  for (const [name, value] of Object.entries(needed)) {
    if (environment[name as keyof typeof needed] === undefined) {
      throw new StartError(`Set ${name} to ${value}.`);
    }
  }
  if (!environment.OIDC_ISSUER.startsWith('https:')) {
    throw new StartError(
      'OIDC_ISSUER must be an https URL in production: the development one believes everyone.',
    );
  }
}

/** On a machine of a developer, where several may run, whoever wants it says where. */
function metricsPort({ METRICS_PORT, NODE_ENV }: Environment): number | undefined {
  if (METRICS_PORT !== undefined) return Number(METRICS_PORT);
  return NODE_ENV === 'production' ? DEFAULT_METRICS_PORT : undefined;
}

/** Our traces have no parents, so a sampler that asks the parent first is like one that does not. */
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

/** NaN when it is no duration. */
function pinTtlMs(text: string): number {
  const [, count, unit] = /^(\d{1,4})([mh])$/.exec(text) ?? [];
  return Number(count) * (unit === 'h' ? 60 : 1) * MINUTE;
}

/** NaN when it is no number of days. */
function days(text: string): number {
  return Number(/^(\d{1,4})d$/.exec(text)?.[1]);
}

function isWait(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= LONGEST_WAIT_SECONDS;
}

function trustedProxies(text: string): number | string[] {
  return /^\d+$/.test(text) ? Number(text) : text.split(',').map((each) => each.trim());
}

function areOrigins(text: string): boolean {
  return text.split(',').every((each) => /^https?:\/\/[^\s/?#]+$/.test(each.trim()));
}

function isProxyList(text: string): boolean {
  const proxies = trustedProxies(text);
  return typeof proxies === 'number' || proxies.every(isNetwork);
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
}
