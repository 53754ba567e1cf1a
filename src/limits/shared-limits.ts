/** How often an action is allowed: `points` times in `duration` seconds. */
export interface Allowance {
  readonly points: number;
  readonly duration: number;
}

/** Describes that an action was done more often than allowed. */
export interface LimitExceeded {
  /** How often it was done, this time included. */
  readonly times: number;
  /** Milliseconds until the count starts again. */
  readonly msLeft: number;
}

/** Counts for each key how often an action is done. */
export interface Counter {
  /** Counts once more. Returns undefined while that is allowed. Fails when it cannot count. */
  count(key: string): Promise<LimitExceeded | undefined>;
}

/** Makes counters that all replicas share: a port that the storage implements. */
export abstract class SharedLimits {
  /** Returns undefined if the storage allows only one replica. */
  abstract counter(name: string, allowance: Allowance): Counter | undefined;
}
