import type { Change } from '../clusters/cluster.signals.js';

/** A query about one cluster, whose result clients wait for or watch. */
export interface Query<T> {
  readonly clusterId: string;
  /** Identifies it among the queries about its cluster. Requests with the same query share each read. */
  readonly name: string;
  /** Whether this change of the cluster can change the result. */
  isAffectedBy(change: Change): boolean;
  /** Reads the current result. Fails with `UnknownPinError` when the cluster has ended. */
  read(): Promise<T>;
}
