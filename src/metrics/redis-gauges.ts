import { Gauge, type Registry } from 'prom-client';
import type { RedisState } from './metrics.js';

/** The gauges of Redis, if the service uses one. */
export class RedisGauges {
  private readonly up: Gauge;
  private readonly used: Gauge;
  private readonly limit: Gauge;
  private readonly persists: Gauge;

  constructor(
    registry: Registry,
    private readonly read: () => Promise<RedisState>,
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

  /** Reads the state of Redis. While Redis is away, the last values stay. */
  async refresh(): Promise<void> {
    try {
      const { usedBytes, maxBytes, persists } = await this.read();
      this.used.set(usedBytes);
      this.limit.set(maxBytes);
      this.persists.set(Number(persists));
      this.up.set(1);
    } catch {
      this.up.set(0);
    }
  }
}
