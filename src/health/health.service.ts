import { Injectable, type OnModuleInit } from '@nestjs/common';
import { IdentityProvider } from '../auth/identity-provider.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { MaintenanceSchedule } from '../maintenance/maintenance.schedule.js';
import { IssuanceStore } from '../issuances/issuance.store.js';
import { MetricsServer } from '../metrics/metrics.server.js';
import { Liveness, Readiness, STORAGE_AWAY } from './health.dto.js';

/**
 * Reports whether the process is alive and whether it can serve. It does so on the port of the metrics as well, where
 * clients cannot use up the connections that probes need.
 */
@Injectable()
export class HealthService implements OnModuleInit {
  /** Before that the configuration may be wrong, and a rollout should not continue. */
  private hasReachedStorage = false;

  constructor(
    private readonly store: ClusterStore,
    private readonly records: IssuanceStore,
    private readonly schedule: MaintenanceSchedule,
    private readonly provider: IdentityProvider,
    private readonly metricsServer: MetricsServer,
  ) {}

  onModuleInit(): void {
    this.metricsServer.serve('/health/live', async () => json(200, this.live()));
    this.metricsServer.serve('/health/ready', async () => {
      const readiness = await this.ready();
      return json(readiness.isUp ? 200 : 503, readiness);
    });
  }

  live(): Liveness {
    return new Liveness();
  }

  async ready(): Promise<Readiness> {
    const database = this.records.isUp ? 'up' : 'down';
    const sso = this.provider.problem === undefined ? 'up' : 'down';
    const expiry = this.schedule.status;
    try {
      const warnings = await this.store.check();
      this.hasReachedStorage = true;
      return new Readiness({ status: 'up', storage: 'up', database, sso, expiry, warnings });
    } catch {
      const status = this.hasReachedStorage ? 'up' : 'down';
      const warnings = [STORAGE_AWAY];
      return new Readiness({ status, storage: 'down', database, sso, expiry, warnings });
    }
  }
}

function json(status: number, body: object) {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
