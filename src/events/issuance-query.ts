import type { Change } from '../clusters/cluster.signals.js';
import type { ClustersService } from '../clusters/clusters.service.js';
import { type Issuance, marksOf } from '../issuances/issuance.js';
import type { Query } from '../waiting/query.js';

/**
 * Queries the issuance of a live cluster as the cluster is now. Reads the cluster and not its record, which is updated
 * only now and then, and may be away.
 */
export class IssuanceQuery implements Query<Issuance> {
  readonly name = 'issuance';
  readonly pauseMs = 1_000;

  constructor(
    private readonly clusters: ClustersService,
    private readonly record: Issuance,
  ) {}

  get clusterId(): string {
    return this.record.id;
  }

  isAffectedBy(): boolean {
    return true;
  }

  /** Keys change rarely, and a new stream begins with what was read last: it must not be an earlier state. */
  isUrgent(change: Change): boolean {
    return change.startsWith('key:');
  }

  async read(): Promise<Issuance> {
    return { ...this.record, ...marksOf(await this.clusters.findById(this.record.id)) };
  }
}
