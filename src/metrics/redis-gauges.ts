import { Gauge, type Registry } from 'prom-client';
import type { RedisState } from './metrics.js';

/** How Redis is, where there is one. */
export class RedisGauges {
  private readonly up: Gauge;
  private readonly used: Gauge;
  private readonly limit: Gauge;
  private readonly persists: Gauge;

  constructor(
    registry: Registry,
    private readonly look: () => Promise<RedisState>,
  ) {
    const gauge = (name: string, help: string) =>
      new Gauge({ name: `pairing_redis_${name}`, help, registers: [registry] });
    this.up = gauge('up', 'Whether Redis answers: 1 or 0.');
    this.used = gauge('memory_used_bytes', 'Memory that Redis uses.');
    this.limit = gauge(
      'memory_limit_bytes',
      'Memory at which Redis refuses to write; 0 when there is no limit.',
    );
    this.persists = gauge(
      'persistence_ok',
      'Whether the last writing of Redis to its disk went well: 1 or 0.',
    );
  }

  /** Looks at Redis. When it is gone, what was seen last stays. */
  async refresh(): Promise<void> {
    try {
      const { usedBytes, maxBytes, persists } = await this.look();
      this.used.set(usedBytes);
      this.limit.set(maxBytes);
      this.persists.set(Number(persists));
      this.up.set(1);
    } catch {
      this.up.set(0);
    }
  }
}
