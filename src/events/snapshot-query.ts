import type { Change } from '../clusters/cluster.signals.js';
import { MASTER_IP } from '../clusters/cluster.js';
import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import type { ClustersService } from '../clusters/clusters.service.js';
import type { KeyReader } from '../keys/key-reader.js';
import type { Query } from '../waiting/query.js';
import { ClusterSnapshot } from './cluster-event.js';

/** The state of a cluster when it was read. */
export interface Reading {
  readonly snapshot: ClusterSnapshot;
  /** When the cluster expires; milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Queries the state of a cluster. Every change affects it; a thousand members that join within a second cost one read
 * or two.
 */
export class SnapshotQuery implements Query<Reading> {
  readonly name = 'snapshot';
  readonly pauseMs = 1_000;

  constructor(
    private readonly clusters: ClustersService,
    private readonly keys: KeyReader,
    private readonly cipher: ClusterCipher,
  ) {}

  get clusterId(): string {
    return this.cipher.id;
  }

  isAffectedBy(): boolean {
    return true;
  }

  isUrgent(change: Change): boolean {
    return change !== 'members';
  }

  async read(): Promise<Reading> {
    const cluster = await this.clusters.findById(this.cipher.id);
    const hasMaster = cluster.keys.some(({ name }) => name === MASTER_IP);
    const master = hasMaster ? await this.keys.readIn(this.cipher, MASTER_IP) : undefined;
    const snapshot = new ClusterSnapshot(cluster, master?.key?.value);
    return { snapshot, expiresAt: cluster.expiresAt };
  }
}
