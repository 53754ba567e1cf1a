import type { Clock } from '../clock/clock.js';

const SECOND_MS = 1_000;

/** Limits the log lines per second, so that clients cannot fill the log. */
export class LineBudget {
  private second = 0;
  private written = 0;
  private skipped = 0;

  /** `onSkipped` is called with the number of lines left out, before the first line of a later second. */
  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
    private readonly onSkipped: (count: number) => void,
  ) {}

  /** Whether one more line may be written now. */
  allows(): boolean {
    const second = Math.floor(this.clock.now() / SECOND_MS);
    if (second !== this.second) {
      if (this.skipped > 0) this.onSkipped(this.skipped);
      this.second = second;
      this.written = 0;
      this.skipped = 0;
    }
    if (this.written >= this.perSecond) {
      this.skipped++;
      return false;
    }
    this.written++;
    return true;
  }
}
