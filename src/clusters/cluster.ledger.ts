import type { Cluster } from './cluster.js';

/** What clusters tell and ask of the record of PINs. */
export abstract class ClusterLedger {
  /** The name of the user who was issued the PIN; undefined when there is no record. Fails with `storage-unavailable`. */
  abstract ownerOf(id: string): Promise<string | undefined>;

  /** A cluster was ended by somebody who knew its PIN. Called when it is gone, with what it was. Neither fails nor is waited for. */
  abstract ended(id: string, cluster: Cluster): void;
}
