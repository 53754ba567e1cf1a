import { RateLimiterRedis } from 'rate-limiter-flexible';
import { LimiterCounter } from '../../limits/limiter-counter.js';
import type { Allowance, Counter, SharedLimits } from '../../limits/shared-limits.js';
import type { Redis } from './redis.js';

interface Script {
  /** The name of the counter. */
  readonly keys: [string];
  readonly arguments: string[];
}

/** Counters in Redis, which all replicas share. */
export class RedisLimits implements SharedLimits {
  constructor(
    private readonly redis: Redis,
    private readonly warn: (message: string) => void,
  ) {}

  counter(name: string, allowance: Allowance): Counter {
    // The only method of the client that the limiter uses.
    const storeClient = { eval: (lua: string, script: Script) => this.eval(lua, script) };
    const keyPrefix = `limit:${name}`;
    return new LimiterCounter(
      new RateLimiterRedis({ ...allowance, keyPrefix, storeClient, useRedisPackage: true }),
    );
  }

  private async eval(lua: string, script: Script): Promise<unknown> {
    try {
      return await this.redis.run(script.keys[0], (client) => client.eval(lua, script));
    } catch (error) {
      const { cause } = error as { cause: Error };
      this.warn(`Limits are not shared with other replicas: ${cause.message}.`);
      throw error;
    }
  }
}
