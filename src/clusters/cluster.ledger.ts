import type { Cluster } from './cluster.js';

/** The part of the record of PINs that clusters need: a port that issuances implement. */
export abstract class ClusterLedger {
  /** The name of the user to whom the PIN was issued. Undefined when there is no record. Fails with `storage-unavailable`. */
  abstract ownerOf(id: string): Promise<string | undefined>;

  /** Called after a client that knew its PIN has ended a cluster, with its last state. Never fails, and works in the background. */
  abstract ended(id: string, cluster: Cluster): void;
}
