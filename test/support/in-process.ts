import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.setup.js';
import type { Clock } from '../../src/clock/clock.js';
import { PinResolver } from '../../src/clusters/pin.resolver.js';
import { readSettings } from '../../src/config/read-settings.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { searchedLogger } from './logger.js';
import { RunningService } from './running-service.js';
import { secrets } from './secrets.js';

const ADDRESS = '127.0.0.1';

/** The service in the test's own process, where the test moves its clock and reaches its parts. */
export class InProcessService extends RunningService {
  /** The user that PINs are issued to. */
  readonly user = { name: 'mcurie', roles: new Set<string>() };

  private constructor(
    readonly app: NestFastifyApplication,
    url: string,
    /** The lines of its log so far. */
    readonly log: readonly string[],
    private readonly cleanUp: () => Promise<void>,
  ) {
    super(url);
  }

  /** Starts it on `PORT`, or on any free port. */
  static async start(clock: Clock, env: NodeJS.ProcessEnv = {}): Promise<InProcessService> {
    const dataDir = env['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'pairing-')));
    const variables = { DATA_DIR: dataDir, PIN_SECRET: 'x'.repeat(32), ...env };
    secrets.settings(variables);
    const log: string[] = [];
    const logger = searchedLogger((line) => log.push(line));
    const app = await createApp(readSettings(variables), clock, logger);
    await app.listen(Number(env['PORT'] ?? 0), '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return new InProcessService(app, url, log, async () => {
      if (!env['DATA_DIR']) await rm(dataDir, { recursive: true });
    });
  }

  get output(): string {
    return this.log.join('');
  }

  async issuePin(workers?: number): Promise<string> {
    return (await this.issue(undefined, workers)).pin;
  }

  /** Issues a PIN, and returns it with the id of its cluster and record. */
  async issue(description?: string, workers?: number): Promise<{ pin: string; id: string }> {
    const { user } = this;
    const asked = { user, address: ADDRESS, description, workers };
    const { pin } = await this.get(IssuancesService).issue(asked);
    secrets.secret('a PIN', pin);
    return { pin, id: this.get(PinResolver).cipherOfNew(pin).id };
  }

  /** A part of the service. */
  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get<T>(type, { strict: false });
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.cleanUp();
  }
}
