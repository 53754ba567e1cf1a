import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { Metrics } from '../metrics/metrics.js';
import { Limit } from './limit.js';
import { SharedLimits } from './shared-limits.js';

/** Limits the PINs that each user gets in an hour, by API and page together: `MAX_PINS_PER_HOUR`. */
@Injectable()
export class IssueLimit {
  private readonly perUser: Limit;

  constructor(
    private readonly settings: Settings,
    shared: SharedLimits,
    private readonly metrics: Metrics,
  ) {
    const { pinSecret, maxPinsPerHour } = settings;
    this.perUser = new Limit('pins', { points: maxPinsPerHour, duration: 3600 }, shared, pinSecret);
  }

  /** Counts one more PIN of this user. Fails with `too-many-requests`. */
  async count(user: string): Promise<void> {
    let msLeft = 0;
    await this.perUser.count(user, (exceeded) => (msLeft = Math.max(msLeft, exceeded.msLeft)));
    if (msLeft === 0) return;
    this.metrics.throttled('issuing');
    throw new PairingError('too-many-requests', {
      detail: `You have reached the limit of ${this.settings.maxPinsPerHour} PINs an hour. Try again later.`,
      retryAfterSeconds: Math.ceil(msLeft / 1000),
    });
  }
}
