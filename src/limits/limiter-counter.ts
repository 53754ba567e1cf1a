import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { Counter, LimitExceeded } from './shared-limits.js';

/** A counter that uses a limiter of `rate-limiter-flexible`, with any of its stores. */
export class LimiterCounter implements Counter {
  constructor(private readonly limiter: RateLimiterAbstract) {}

  async count(key: string): Promise<LimitExceeded | undefined> {
    try {
      await this.limiter.consume(key);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { times: refusal.consumedPoints, msLeft: refusal.msBeforeNext };
    }
  }
}
