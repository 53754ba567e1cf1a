import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from './client.js';

/**
 * Requests that failed while their service still listened. Connections that wait to be accepted when it stops
 * listening are reset by the system, but no later request is served.
 */
export function failedTooEarly(outcomes: readonly Outcome[]): Outcome[] {
  const lastServed = new Map<string, number>();
  for (const { serviceUrl, status, reused, start } of outcomes) {
    if (status === undefined || reused) continue;
    lastServed.set(serviceUrl, Math.max(start, lastServed.get(serviceUrl) ?? 0));
  }
  return outcomes.filter(
    ({ error, reused, start, serviceUrl }) =>
      error !== undefined && (reused || start < (lastServed.get(serviceUrl) ?? 0)),
  );
}

/** Short enough to hit a fault while it lasts, long enough not to overload the service. */
const PAUSE_MS = 5;

/** Repeats an action in several concurrent loops until it is stopped. */
export class Load<T> {
  readonly results: T[] = [];
  private stopped = false;
  private readonly ended: Promise<unknown>;

  constructor(atOnce: number, visit: (index: number) => Promise<T>) {
    this.ended = Promise.all(Array.from({ length: atOnce }, (_, index) => this.run(visit, index)));
  }

  async stop(): Promise<T[]> {
    this.stopped = true;
    await this.ended;
    return this.results;
  }

  private async run(visit: (index: number) => Promise<T>, index: number): Promise<void> {
    while (!this.stopped) {
      this.results.push(await visit(index));
      await delay(PAUSE_MS);
    }
  }
}
