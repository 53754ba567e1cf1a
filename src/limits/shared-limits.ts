import type { IRateLimiterOptions, RateLimiterAbstract } from 'rate-limiter-flexible';

/** Where replicas count together: a port of the storage. */
export abstract class SharedLimits {
  /** Undefined where no other replica can be. */
  abstract limiter(options: IRateLimiterOptions): RateLimiterAbstract | undefined;
}
