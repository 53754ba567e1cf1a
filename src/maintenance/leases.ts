/** Leases decide which replica does a task: the port that the SQL adapter implements. */
export abstract class Leases {
  /**
   * Takes or prolongs the lease of a task until `until`, when it ends even if the holder has died. Returns false if
   * another replica holds it.
   */
  abstract take(task: string, holder: string, now: number, until: number): Promise<boolean>;

  /** Records that the task was done. */
  abstract succeeded(task: string, now: number): Promise<void>;

  /** When the task was last done, by any replica; undefined if never. */
  abstract lastSuccess(task: string): Promise<number | undefined>;
}
