import { createHmac, hkdfSync } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { LimiterCounter } from './limiter-counter.js';
import type { Allowance, Counter, LimitExceeded, SharedLimits } from './shared-limits.js';

/** Another label than those of a cluster's keys, which are derived from the same secret (RFC 5869, 3.2). */
const HMAC_KEY_LABEL = 'limiter key';

/** Counts how often each subject does something: in this process, and together with the other replicas. */
export class Limit {
  private readonly local: Counter;
  private readonly shared: Counter | undefined;
  private readonly hmacKey: Buffer;

  /** `name` says what is limited; `secret` hides from the storage whom it is about. */
  constructor(name: string, allowance: Allowance, shared: SharedLimits, secret: string) {
    this.local = new LimiterCounter(new RateLimiterMemory({ ...allowance, keyPrefix: name }));
    this.shared = shared.counter(name, allowance);
    this.hmacKey = Buffer.from(hkdfSync('sha256', secret, '', HMAC_KEY_LABEL, 32));
  }

  /**
   * Counts once more. `onExceeded` is called at once when this process has counted too many, and again when
   * all replicas have together. Without an answer from the shared counter the local one alone decides.
   */
  async count(subject: string, onExceeded: (exceeded: LimitExceeded) => void): Promise<void> {
    const key = createHmac('sha256', this.hmacKey).update(subject).digest('base64url');
    const report = (exceeded: LimitExceeded | undefined) => exceeded && onExceeded(exceeded);
    await Promise.all([
      this.local.count(key).then(report),
      this.shared?.count(key).then(report, () => undefined),
    ]);
  }
}
