import type { Change } from '../clusters/cluster.signals.js';

/** Something about one cluster that clients wait for or watch. */
export interface Query<T> {
  readonly clusterId: string;
  /** Identifies it among the queries about its cluster: requests for the same share each read. */
  readonly name: string;
  /** Whether this change of the cluster can change the result. */
  isAffectedBy(change: Change): boolean;
  /** Reads the result as it is now. Fails with `UnknownPinError` when the cluster has ended. */
  read(): Promise<T>;
}
