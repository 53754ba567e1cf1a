import type { Cluster } from './cluster.js';

/** Who wants to know that a cluster was ended by somebody who knew its PIN. */
export abstract class ClusterLedger {
  /** Called when it is gone, with what it was. Neither fails nor is waited for. */
  abstract ended(id: string, cluster: Cluster): void;
}
