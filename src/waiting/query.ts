import type { Change } from '../clusters/cluster.signals.js';

/** A query about one cluster, whose result clients wait for or watch. */
export interface Query<T> {
  readonly clusterId: string;
  /** Identifies it among the queries about its cluster. Requests with the same query share each read. */
  readonly name: string;
  /**
   * The shortest time from one read to the next, in milliseconds: changes meanwhile cost one read together. The first
   * change is read at once. By default each change is read as soon as possible.
   */
  readonly pauseMs?: number;
  /** Whether this change of the cluster can change the result. */
  isAffectedBy(change: Change): boolean;
  /** Whether the result is read at once after this change, also in the pause. */
  isUrgent?(change: Change): boolean;
  /** Reads the current result. Fails with `UnknownPinError` when the cluster has ended. */
  read(): Promise<T>;
}
