import { Clock } from '../../src/clock/clock.js';

/** A clock that stands still until it is moved. */
export class MovableClock extends Clock {
  constructor(private ms = Date.parse('2026-11-23T12:00:00.000Z')) {
    super();
  }

  now(): number {
    return this.ms;
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}

export const HOUR = 3_600_000;
