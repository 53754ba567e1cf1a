import { createHmac, hkdfSync } from 'node:crypto';
import {
  type IRateLimiterOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { SharedLimits } from './shared-limits.js';

/** Another label than those of a cluster's keys, which are derived from the same secret (RFC 5869, 3.2). */
const HMAC_KEY_LABEL = 'limiter key';

/** How often something may be done: `points` times in `duration` seconds. */
export type Allowance = Required<Pick<IRateLimiterOptions, 'points' | 'duration'>>;

/** How often something was done, and when the count begins anew. */
export interface Excess {
  readonly times: number;
  readonly msLeft: number;
}

/** Counts how often something is done by each: here at once, and together with the other replicas. */
export class Limit {
  private readonly here: RateLimiterAbstract;
  private readonly together: RateLimiterAbstract | undefined;

  private readonly hmacKey: Buffer;

  /** `name` says what is limited; `secret` hides from the storage who is. */
  constructor(name: string, allowance: Allowance, shared: SharedLimits, secret: string) {
    const options = { ...allowance, keyPrefix: `limit:${name}` };
    this.here = new RateLimiterMemory(options);
    this.together = shared.limiter(options);
    this.hmacKey = Buffer.from(hkdfSync('sha256', secret, '', HMAC_KEY_LABEL, 32));
  }

  /**
   * Counts once more and tells when that is too often: at once, and again when the other replicas are
   * heard. Those that cannot be heard are done without.
   */
  async count(who: string, tooOften: (excess: Excess) => void): Promise<void> {
    const key = createHmac('sha256', this.hmacKey).update(who).digest('base64url');
    const consume = async (limiter: RateLimiterAbstract) => {
      try {
        await limiter.consume(key);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) return;
        tooOften({ times: refusal.consumedPoints, msLeft: refusal.msBeforeNext });
      }
    };
    await Promise.all([consume(this.here), this.together && consume(this.together)]);
  }
}
