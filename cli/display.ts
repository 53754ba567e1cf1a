import type { stdout } from './output.ts';
import type { Progress } from './progress.ts';
import { linesFor } from './progress-lines.ts';
import { formatDuration } from './times.ts';
import { countWorkers, formatCounts } from './worker-counts.ts';

const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\u001b[K';

/**
 * Shows a cluster while it forms: a line for each change and, on a terminal, a progress bar below, which is redrawn
 * each second.
 */
export class Display {
  private latest: Progress | undefined;
  private note = '';
  private readonly output: typeof stdout;
  private readonly expectedWorkers: number | undefined;
  private readonly timer: ReturnType<typeof setInterval> | undefined;

  constructor(output: typeof stdout, expectedWorkers?: number) {
    this.output = output;
    this.expectedWorkers = expectedWorkers;
    if (output.isTerminal) this.timer = setInterval(() => this.draw(), 1000);
  }

  show(now: Progress): void {
    this.note = '';
    const lines = linesFor(this.latest, now);
    this.latest = now;
    this.clear();
    for (const line of lines) this.output.line(line);
    this.draw();
  }

  /** Shows that the service does not answer at the moment. */
  showAway(): void {
    if (this.note) return;
    this.note = 'the service does not answer; trying again';
    this.draw();
  }

  end(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private clear(): void {
    if (this.output.isTerminal) this.output.write(CLEAR_LINE);
  }

  private draw(): void {
    if (!this.output.isTerminal || !this.latest || this.latest.state === 'ended') return;
    const bar = barFor(this.latest, this.expectedWorkers);
    const text = this.note || textFor(this.latest, this.expectedWorkers, Date.now());
    this.output.write(`${CLEAR_LINE}${`${bar} ${text}`.slice(0, this.output.width - 1)}`);
  }
}

/** Such as `[########----------------]`. */
function barFor(progress: Progress, expected: number | undefined): string {
  const done = Math.round(BAR_WIDTH * progressRatio(progress, expected));
  return `[${'#'.repeat(done).padEnd(BAR_WIDTH, '-')}]`;
}

/** Such as `6 of 8 workers, 1 failed  23 h 59 min left`. */
function textFor(progress: Progress, expected: number | undefined, now: number): string {
  const { failed, ...counts } = countWorkers(progress, expected);
  const workers = `${formatCounts({ ...counts, failed: 0 })} workers${failed > 0 ? `, ${failed} failed` : ''}`;
  return `${workers}  ${formatDuration(Date.parse(progress.expiration_time) - now)} left`;
}

/** The progress, 0 to 1: master registered, master ready and workers paired count a third each. */
function progressRatio(progress: Progress, given: number | undefined): number {
  const stages = { issued: 0, master_registered: 1, failed: 1, ready: 2, ended: 2 };
  const { done, expected } = countWorkers(progress, given);
  const paired = expected === undefined ? Number(done > 0) : Math.min(1, done / expected);
  return (stages[progress.state] + paired) / 3;
}
