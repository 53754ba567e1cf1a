import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Settings } from '../config/settings.js';
import { inBackground } from '../errors/in-background.js';
import { type Excess, Limit } from './limit.js';
import { networkOf } from './network.js';
import { SharedLimits } from './shared-limits.js';

const MINUTE_MS = 60_000;
const LONGEST_MS = 60 * MINUTE_MS;
const MAX_THROTTLED = 100_000;
/** The scope that everybody is in: it bounds what all others together can cost. */
const EVERYONE = 'everyone';

/** Requests for PINs that do not exist, which guessers make, and who is throttled for them (ADR 7). */
@Injectable()
export class MissLimits {
  private readonly perAddress: Limit;
  private readonly perNetwork: Limit;
  private readonly overall: Limit;
  /** How often a scope was throttled of late: the longer the next time. */
  private readonly relapses: Limit;
  private readonly throttled = new LRUCache<string, true>({ max: MAX_THROTTLED });

  constructor({ pinSecret }: Settings, shared: SharedLimits) {
    const limit = (name: string, points: number, duration = 60) =>
      new Limit(name, { points, duration }, shared, pinSecret);
    // The miss that fills the measure is answered still, and throttles what follows.
    this.perAddress = limit('misses-of-address', 20 - 1);
    this.perNetwork = limit('misses-of-network', 100 - 1);
    this.overall = limit('misses', 10_000 - 1);
    this.relapses = limit('relapses', 0, 2 * 3600);
  }

  /** Counts a miss of this client. */
  missed(address: string): void {
    const counts: [Limit, string][] = [
      [this.perAddress, address],
      [this.perNetwork, networkOf(address)],
      [this.overall, EVERYONE],
    ];
    for (const [limit, scope] of counts) {
      if (this.throttled.has(scope)) continue;
      inBackground(
        'Counting a miss',
        limit.count(scope, () => this.throttle(scope)),
      );
    }
  }

  /** Whether nobody is throttled, which is quick to tell. */
  get idle(): boolean {
    return this.throttled.size === 0;
  }

  /** For how many milliseconds more this client is throttled; 0: it is not. */
  throttledFor(address: string): number {
    const scopes = [address, networkOf(address), EVERYONE];
    return Math.max(...scopes.map((scope) => this.throttled.getRemainingTTL(scope)), 0);
  }

  private throttle(scope: string): void {
    if (this.throttled.has(scope)) return; // by another miss that was under way
    this.throttled.set(scope, true, { ttl: MINUTE_MS });
    const prolong = ({ times }: Excess) => {
      const ttl = Math.min(MINUTE_MS * 2 ** (times - 1), LONGEST_MS);
      if (ttl > this.throttled.getRemainingTTL(scope)) this.throttled.set(scope, true, { ttl });
    };
    inBackground('Counting a relapse', this.relapses.count(scope, prolong));
  }
}
