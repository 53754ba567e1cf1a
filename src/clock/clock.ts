/** Where everyone asks for the time; tests bring one that they can move. */
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
