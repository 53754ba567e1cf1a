import { SchedulerRegistry } from '@nestjs/schedule';
import type { Clock } from '../../src/clock/clock.js';
import { ClustersService } from '../../src/clusters/clusters.service.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { MaintenanceService } from '../../src/maintenance/maintenance.service.js';
import type { Issuance } from '../../src/issuances/issuance.js';
import { IssuanceStore } from '../../src/issuances/issuance.store.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { KeysService } from '../../src/keys/keys.service.js';
import { InProcessService } from './in-process.js';
import { secrets } from './secrets.js';

const ADDRESS = '127.0.0.1';

/** A replica whose scheduler runs only when the test calls it. Tests call its services instead of HTTP. */
export class Replica {
  private constructor(private readonly service: InProcessService) {}

  static async start(env: NodeJS.ProcessEnv, clock: Clock): Promise<Replica> {
    const service = await InProcessService.start(clock, env);
    const registry = service.get(SchedulerRegistry);
    for (const name of registry.getIntervals()) registry.deleteInterval(name);
    return new Replica(service);
  }

  /** Issues a PIN, and returns it with the id of its cluster and record. */
  issue(description?: string, workers?: number): Promise<{ pin: string; id: string }> {
    return this.service.issue(description, workers);
  }

  /** Joins as a worker, or says how far it is. */
  async join(pin: string, name: string, state = 'waiting'): Promise<void> {
    await this.service.putMember(pin, name, { address: '10.0.1.1', state });
  }

  /** The first page of somebody's list. */
  list(name: string): Promise<Issuance[]> {
    const user = { ...this.service.user, name };
    return this.service.get(IssuancesService).list(user, { owner: name }, 51);
  }

  revoke(id: string): Promise<void> {
    return this.service.get(IssuancesService).revoke(this.service.user, id, ADDRESS);
  }

  end(pin: string): Promise<void> {
    return this.service.get(ClustersService).end(pin, ADDRESS);
  }

  async post(pin: string, key: string, value = '10.0.0.1', address = ADDRESS): Promise<void> {
    secrets.secret('a value', value);
    await this.service.get(KeysService).add(pin, { name: key, value }, address);
  }

  /** Leaves as a worker. */
  async leave(pin: string, name: string): Promise<void> {
    await this.service.api(`/clusters/${pin}/members/${name}`, { method: 'DELETE' });
  }

  async record(id: string): Promise<Issuance> {
    return (await this.records.find(id))!;
  }

  get records(): IssuanceStore {
    return this.service.get(IssuanceStore);
  }

  get clusters(): ClusterStore {
    return this.service.get(ClusterStore);
  }

  get expiry(): MaintenanceService {
    return this.service.get(MaintenanceService);
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}
