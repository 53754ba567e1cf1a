/** Where replicas agree which of them does a task: the port that the SQL adapter implements. */
export abstract class Leases {
  /**
   * Takes or prolongs the lease of a task until `until`. False if another replica holds it. The lease of a holder that
   * dies ends then.
   */
  abstract take(task: string, holder: string, now: number, until: number): Promise<boolean>;

  /** Notes that the task was done. */
  abstract succeeded(task: string, now: number): Promise<void>;

  /** When the task was last done, by any replica; undefined if never. */
  abstract lastSuccess(task: string): Promise<number | undefined>;
}
