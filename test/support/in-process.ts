import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.setup.js';
import type { Clock } from '../../src/clock/clock.js';
import { readSettings } from '../../src/config/read-settings.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { type Api, apiOf } from './api.js';
import { searchedLogger } from './logger.js';
import { secrets } from './secrets.js';

/** The service inside the test's own process, whose clock can thus be moved. */
export class InProcessService {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly api: Api,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  /** Starts it on `PORT`, or on any port that is free. */
  static async start(clock: Clock, env: NodeJS.ProcessEnv = {}): Promise<InProcessService> {
    const dataDir = env['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'pairing-')));
    const variables = { DATA_DIR: dataDir, PIN_SECRET: 'x'.repeat(32), ...env };
    secrets.settings(variables);
    const app = await createApp(readSettings(variables), clock, searchedLogger());
    await app.listen(Number(env['PORT'] ?? 0), '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return new InProcessService(app, url, apiOf(url), async () => {
      if (!env['DATA_DIR']) await rm(dataDir, { recursive: true });
    });
  }

  async issuePin(): Promise<string> {
    const issuances = this.app.get(IssuancesService, { strict: false });
    const user = { name: 'mcurie', roles: new Set<string>() };
    const { pin } = await issuances.issue({ user, address: '127.0.0.1' });
    secrets.secret('a PIN', pin);
    return pin;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.cleanUp();
  }
}
