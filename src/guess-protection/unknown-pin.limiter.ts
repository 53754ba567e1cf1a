import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { inBackground } from '../errors/in-background.js';
import { Limit } from '../limits/limit.js';
import { networkOf } from '../http/network.js';
import { type LimitExceeded, SharedLimits } from '../limits/shared-limits.js';
import { boundedCache } from '../limits/bounded-cache.js';

const MINUTE_MS = 60_000;
const MAX_BLOCK_MS = 60 * MINUTE_MS;
const MAX_BLOCKED_SCOPES = 100_000;
/** The scope of all clients, to bound their total cost. */
const GLOBAL = 'global';

/**
 * Counts the requests for PINs that do not exist, which guessers make, and blocks an address, a network or
 * all clients that made too many (ADR 7).
 */
@Injectable()
export class UnknownPinLimiter {
  private readonly perAddress: Limit;
  private readonly perNetwork: Limit;
  private readonly overall: Limit;
  /** Counts how often a scope was blocked in the last two hours. Each time it is blocked for longer. */
  private readonly strikes: Limit;
  private readonly blocked = boundedCache<true>(MAX_BLOCKED_SCOPES);

  constructor({ pinSecret }: Settings, shared: SharedLimits) {
    const limit = (name: string, points: number, duration = 60) =>
      new Limit(name, { points, duration }, shared, pinSecret);
    // One less than the limit: the last allowed miss is answered, and blocks the requests after it.
    this.perAddress = limit('misses-of-address', 20 - 1);
    this.perNetwork = limit('misses-of-network', 100 - 1);
    this.overall = limit('misses', 10_000 - 1);
    this.strikes = limit('strikes', 0, 2 * 3600);
  }

  /** Counts a request of this client for a PIN that does not exist. */
  recordMiss(address: string): void {
    const counts: [Limit, string][] = [
      [this.perAddress, address],
      [this.perNetwork, networkOf(address)],
      [this.overall, GLOBAL],
    ];
    for (const [limit, scope] of counts) {
      if (!this.blocked.has(scope)) countSoon(limit, scope, () => this.block(scope));
    }
  }

  /** Whether any client is blocked. Cheap enough to be called for every request. */
  get hasBlocked(): boolean {
    return this.blocked.size > 0;
  }

  /** For how many more milliseconds this client is blocked; 0 when it is not. */
  blockedFor(address: string): number {
    const scopes = [address, networkOf(address), GLOBAL];
    return Math.max(...scopes.map((scope) => this.blocked.getRemainingTTL(scope)), 0);
  }

  private block(scope: string): void {
    if (this.blocked.has(scope)) return; // by another miss that was counted at the same time
    this.blocked.set(scope, true, { ttl: MINUTE_MS });
    countSoon(this.strikes, scope, ({ times }) => {
      const ttl = Math.min(MINUTE_MS * 2 ** (times - 1), MAX_BLOCK_MS);
      if (ttl > this.blocked.getRemainingTTL(scope)) this.blocked.set(scope, true, { ttl });
    });
  }
}

function countSoon(
  limit: Limit,
  scope: string,
  onExceeded: (exceeded: LimitExceeded) => void,
): void {
  inBackground('Counting requests for unknown PINs', limit.count(scope, onExceeded));
}
