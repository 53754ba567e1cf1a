import { RateLimiterMemory } from 'rate-limiter-flexible';
import { PairingError } from '../errors/pairing-error.js';
import { LimiterCounter } from '../limits/limiter-counter.js';
import type { Allowance } from '../limits/shared-limits.js';
import { Metrics } from '../metrics/metrics.js';

/**
 * Limits the writes under one PIN, refused ones included (ADR 12). Each module with such routes provides one with its
 * allowance. Each replica counts by itself, because this protects the process and the store from load, and there are
 * few replicas. Counting in Redis would add a command to every write.
 */
export class WriteLimit {
  private readonly perPin: LimiterCounter;

  constructor(
    private readonly allowance: Allowance,
    private readonly metrics: Metrics,
  ) {
    this.perPin = new LimiterCounter(new RateLimiterMemory(allowance));
  }

  /** Counts one more write under this PIN. Fails with `too-many-requests`. */
  async count(pin: string): Promise<void> {
    const exceeded = await this.perPin.count(pin);
    if (!exceeded) return;
    this.metrics.throttled('writing');
    const { points, duration } = this.allowance;
    throw new PairingError('too-many-requests', {
      detail: `More than ${points} writes in ${duration} seconds under one PIN.`,
      retryAfterSeconds: Math.ceil(exceeded.msLeft / 1000),
    });
  }
}

/** Provides the `WriteLimit` of a module. */
export const provideWriteLimit = (allowance: Allowance) => ({
  provide: WriteLimit,
  inject: [Metrics],
  useFactory: (metrics: Metrics) => new WriteLimit(allowance, metrics),
});
