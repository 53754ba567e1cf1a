import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { PairingError } from '../errors/pairing-error.js';
import { LimiterCounter } from '../limits/limiter-counter.js';
import { Metrics } from '../metrics/metrics.js';

/**
 * A cluster has at most 64 keys: one burst can write all of them, with room for retries, and then ten writes a
 * second. A refused client may retry before the 25 s that a field image pauses.
 */
const ALLOWANCE = { points: 100, duration: 10 } as const;

/**
 * Limits the writes under one PIN, refused ones included (ADR 12). Each replica counts by itself, because this
 * protects the process and the store from load, and there are few replicas. Counting in Redis would add a command
 * to every write.
 */
@Injectable()
export class WriteLimit {
  private readonly perPin = new LimiterCounter(new RateLimiterMemory(ALLOWANCE));

  constructor(private readonly metrics: Metrics) {}

  /** Counts one more write under this PIN. Fails with `too-many-requests`. */
  async count(pin: string): Promise<void> {
    const exceeded = await this.perPin.count(pin);
    if (!exceeded) return;
    this.metrics.throttled('writing');
    throw new PairingError('too-many-requests', {
      detail: `More than ${ALLOWANCE.points} writes in ${ALLOWANCE.duration} seconds under one PIN.`,
      retryAfterSeconds: Math.ceil(exceeded.msLeft / 1000),
    });
  }
}
