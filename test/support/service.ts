import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fetchToken } from '../../dev/fetch-token.js';
import {
  type IdentityProvider,
  type IdentityProviderOptions,
  startIdentityProvider,
} from '../../dev/identity-provider.js';
import { issuePin } from '../../dev/pairing-api.js';
import { freePort } from './ports.js';
import { Program, until } from './process.js';
import { RunningService } from './running-service.js';
import { secrets } from './secrets.js';

const CLIENT_ID = 'cluster-pairing';
const PUBLIC_CLIENT_ID = 'cluster-pairing-cli';
const CLIENT_SECRET = 'what the provider knows us by';
const REDIRECT_URI = 'http://localhost/oauth2-redirect.html';

/** Many tests are one user's. */
export const MANY_PINS = { MAX_LIVE_PINS_PER_USER: '100000', MAX_PINS_PER_HOUR: '9999999' };

/** A service to which a test can sign in by its identity provider. */
export abstract class ServiceWithProvider extends RunningService {
  constructor(
    url: string,
    readonly provider: IdentityProvider,
  ) {
    super(url);
  }

  /** A bearer token of this user, with these roles. */
  token(user = 'mcurie', ...roles: string[]): Promise<string> {
    return tokenOf(this.provider, user, ...roles);
  }

  async issuePin(): Promise<string> {
    const pin = await issuePin(this.url, await this.token());
    secrets.secret('a PIN', pin);
    return pin;
  }
}

/** The built service in a process of its own. */
export class Service extends ServiceWithProvider {
  constructor(
    url: string,
    readonly program: Program,
    provider: IdentityProvider,
    readonly dataDir: string,
    private readonly cleanUp: () => Promise<void>,
  ) {
    super(url, provider);
  }

  get output(): string {
    return this.program.output;
  }

  async stop(): Promise<void> {
    if (this.program.running) {
      const title = readFileSync(`/proc/${this.program.pid}/cmdline`, 'utf8');
      secrets.output('the title of the process', () => title);
    }
    await this.program.stop();
    await this.cleanUp();
  }
}

export async function tokenOf(provider: IdentityProvider, user: string, ...roles: string[]) {
  const { issuer } = provider;
  const token = await fetchToken({
    issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUri: REDIRECT_URI,
    user,
    roles,
  });
  secrets.secret('a token', token);
  return token;
}

export function startProvider(options: Partial<IdentityProviderOptions> = {}) {
  return startIdentityProvider({
    port: 0,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    ...options,
    redirectUris: [REDIRECT_URI, ...(options.redirectUris ?? [])],
  });
}

/** The settings of a service for its identity provider. */
export function settingsFor(provider: IdentityProvider): NodeJS.ProcessEnv {
  return {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT_ID,
    OIDC_CLIENT_SECRET: CLIENT_SECRET,
    OIDC_PUBLIC_CLIENT_ID: PUBLIC_CLIENT_ID,
  };
}

/** Starts the service on a free port with an empty database, and waits until it is ready. */
export async function startService(
  env: NodeJS.ProcessEnv = {},
  provider?: IdentityProvider,
): Promise<Service> {
  const ownProvider = provider ?? (await startProvider());
  const dataDir = env['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'pairing-')));
  const port = env['PORT'] ?? (await freePort());
  const url = `http://localhost:${port}`;
  const program = runService({
    PORT: String(port),
    DATA_DIR: dataDir,
    ...settingsFor(ownProvider),
    LOG_LEVEL: 'trace',
    ...MANY_PINS,
    ...env,
  });
  const service = new Service(url, program, ownProvider, dataDir, async () => {
    if (!provider) await ownProvider.close();
    if (!env['DATA_DIR']) await rm(dataDir, { recursive: true });
  });
  await until('the service to be ready', async () => {
    if (!program.running) throw new Error(`The service ended:\n${program.output}`);
    return (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok ?? false;
  });
  for (const name of ['pin', 'session']) {
    const file = `${dataDir}/development-${name}-secret`;
    if (existsSync(file)) secrets.secret('a secret of development', readFileSync(file, 'utf8'));
  }
  return service;
}

/** Nothing listens there: a test without a provider must not ask the real CERN SSO. */
const NO_PROVIDER = 'https://127.0.0.1:8/realms/none';

/** Where Node keeps the service's compiled modules, so that it starts with less work. */
const COMPILE_CACHE = resolve('node_modules/.cache/service');

/** Runs the service with these variables, PATH and a cache of compiled modules only; `openFiles` limits its open files. */
export function runService(
  env: NodeJS.ProcessEnv,
  { openFiles }: { openFiles?: number } = {},
): Program {
  const defaults = {
    PATH: process.env['PATH'],
    OIDC_ISSUER: NO_PROVIDER,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
  };
  const command = [process.execPath, 'dist/main.js'];
  if (openFiles !== undefined) command.unshift('prlimit', `--nofile=${openFiles}`);
  const program = new Program(command[0]!, command.slice(1), { ...defaults, ...env });
  secrets.settings(env);
  secrets.output('the output of a service', () => program.output);
  return program;
}
