/** Where replicas agree which of them does a task: the port that the SQL adapter implements. */
export abstract class Leases {
  /**
   * Takes or prolongs the lease of a task until then, unless another holds it; false then. A holder that
   * dies keeps it no longer than that.
   */
  abstract take(task: string, holder: string, now: number, until: number): Promise<boolean>;

  /** Notes that the task was done. */
  abstract succeeded(task: string, now: number): Promise<void>;

  /** When the task was last done, by whomever; undefined when never. */
  abstract lastSuccess(task: string): Promise<number | undefined>;
}
