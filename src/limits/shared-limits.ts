/** How often something may be done: `points` times in `duration` seconds. */
export interface Allowance {
  readonly points: number;
  readonly duration: number;
}

/** That something was done more often than allowed. */
export interface LimitExceeded {
  /** How often it was done, this time included. */
  readonly times: number;
  /** After which the count starts again. */
  readonly msLeft: number;
}

/** Counts for each key how often something is done. */
export interface Counter {
  /** Counts once more; undefined while that is allowed. Fails when it cannot count. */
  count(key: string): Promise<LimitExceeded | undefined>;
}

/** Counters that all replicas share: a port of the storage. */
export abstract class SharedLimits {
  /** Undefined where there can be no other replica. */
  abstract counter(name: string, allowance: Allowance): Counter | undefined;
}
