import type { INestApplication } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { createApp } from '../../src/app.setup.js';
import type { Clock } from '../../src/clock/clock.js';
import { ClustersService } from '../../src/clusters/clusters.service.js';
import { ClusterSeals } from '../../src/clusters/cluster.seals.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { readSettings } from '../../src/config/read-settings.js';
import { ExpiryService } from '../../src/expiry/expiry.service.js';
import type { Issuance } from '../../src/issuances/issuance.js';
import { IssuanceStore } from '../../src/issuances/issuance.store.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { KeysService } from '../../src/keys/keys.service.js';
import { searchedLogger } from './logger.js';
import { secrets } from './secrets.js';

const ADDRESS = '127.0.0.1';

/** A replica of the service within the test's process, by a clock that the test moves. */
export class Replica {
  readonly user = { name: 'mcurie', roles: new Set<string>() };
  readonly audit: Record<string, unknown>[] = [];

  private constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly clock: Clock,
  ) {}

  private app!: INestApplication;

  static async start(env: NodeJS.ProcessEnv, clock: Clock): Promise<Replica> {
    const replica = new Replica(env, clock);
    await replica.restart();
    return replica;
  }

  async restart(): Promise<void> {
    const logger = searchedLogger((line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if ('audit' in entry) this.audit.push(entry);
    });
    secrets.settings(this.env);
    this.app = await createApp(readSettings(this.env), this.clock, logger);
    // The test says when the scheduler runs.
    const registry = this.get(SchedulerRegistry);
    for (const name of registry.getIntervals()) registry.deleteInterval(name);
  }

  /** Issues a PIN; gives it with the id of its record. */
  async issue(description?: string): Promise<{ pin: string; id: string }> {
    const { pin } = await this.get(IssuancesService).issue({
      user: this.user,
      address: ADDRESS,
      description,
    });
    secrets.secret('a PIN', pin);
    return { pin, id: this.get(ClusterSeals).ofNew(pin).id };
  }

  /** The first page of somebody's list. */
  list(name: string): Promise<Issuance[]> {
    return this.get(IssuancesService).list({ ...this.user, name }, { owner: name }, 51);
  }

  revoke(id: string): Promise<void> {
    return this.get(IssuancesService).revoke(this.user, id, ADDRESS);
  }

  end(pin: string): Promise<void> {
    return this.get(ClustersService).end(pin, ADDRESS);
  }

  async post(pin: string, key: string, value = '10.0.0.1', address = ADDRESS): Promise<void> {
    secrets.secret('a value', value);
    await this.get(KeysService).add(pin, { key, value }, address);
  }

  async record(id: string): Promise<Issuance> {
    return (await this.records.find(id))!;
  }

  get records(): IssuanceStore {
    return this.get(IssuanceStore);
  }

  get clusters(): ClusterStore {
    return this.get(ClusterStore);
  }

  get expiry(): ExpiryService {
    return this.get(ExpiryService);
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  private get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get<T>(type, { strict: false });
  }
}
