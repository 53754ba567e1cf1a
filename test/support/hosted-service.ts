import { SystemClock } from '../../src/clock/clock.js';
import { StartError } from '../../src/errors/start-error.js';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { InProcessService } from './in-process.js';
import { MANY_PINS, ServiceWithProvider, settingsFor, startProvider } from './service.js';

/**
 * The service in the test's process. It starts in a tenth of the time that a process of its
 * own takes, which pays in files that start several.
 */
export class HostedService extends ServiceWithProvider {
  constructor(
    private readonly service: InProcessService,
    provider: IdentityProvider,
    private readonly ownsProvider: boolean,
  ) {
    super(service.url.replace('127.0.0.1', 'localhost'), provider); // as the provider knows it
  }

  get output(): string {
    return this.service.output;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    if (this.ownsProvider) await this.provider.close();
  }
}

/** Starts it on a free port with an empty database. */
export async function hostService(
  env: NodeJS.ProcessEnv = {},
  provider?: IdentityProvider,
): Promise<HostedService> {
  const its = provider ?? (await startProvider());
  const settings = { ...settingsFor(its), ...MANY_PINS, ...env };
  const service = await InProcessService.start(new SystemClock(), settings);
  return new HostedService(service, its, !provider);
}

/** Why the service does not start with this environment. */
export async function startError(
  env: NodeJS.ProcessEnv,
  provider: IdentityProvider,
): Promise<string> {
  const error: unknown = await hostService(env, provider).then(
    (service) => service.stop(),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StartError)) {
    throw new Error('It started, or failed otherwise.', { cause: error });
  }
  return error.message;
}
