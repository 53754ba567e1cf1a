/** The time. All code reads it here, so that tests can move it. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;
}

/** The one place that reads the machine's clock. */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}
