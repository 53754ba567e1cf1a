import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.js';

/** A request whose answer waits for something to happen. */
export interface Held {
  /** Its time is over, or the service stops: it must be answered now, and has lost its place. */
  release(): void;
}

const TICK_MS = 100;

/**
 * The requests that are held, at most `MAX_HELD_REQUESTS`. One timer for all: a timer each would cost
 * more than the rest of what is kept of them.
 */
@Injectable()
export class HeldRequests implements OnApplicationShutdown {
  /** By the tick at which they are released. */
  private readonly byTick = new Map<number, Set<Held>>();
  private readonly tickOf = new Map<Held, number>();
  private lastTick: number;
  private stopping = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    metrics.watchHeldRequests(() => this.count, settings.maxHeldRequests);
    this.lastTick = this.tickAt(clock.now());
    this.timer = setInterval(() => this.tick(), TICK_MS).unref();
  }

  get count(): number {
    return this.tickOf.size;
  }

  /** Whether all are being released because the service stops. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Holds a request until then. False when there is no place left, or the service stops. */
  hold(held: Held, until: number): boolean {
    if (this.stopping || this.count >= this.settings.maxHeldRequests) return false;
    const tick = Math.max(this.tickAt(until), this.lastTick) + 1;
    this.tickOf.set(held, tick);
    const together = this.byTick.get(tick);
    if (together) together.add(held);
    else this.byTick.set(tick, new Set([held]));
    return true;
  }

  /** Frees the place of a request that is answered, or whose client has gone. */
  letGo(held: Held): void {
    const tick = this.tickOf.get(held);
    if (tick === undefined) return;
    this.tickOf.delete(held);
    const together = this.byTick.get(tick);
    together?.delete(held);
    if (together?.size === 0) this.byTick.delete(tick);
  }

  /** Releases all, spread over so long that their clients do not come back in step; holds no more. */
  async releaseAll(overMs: number): Promise<void> {
    this.stopping = true;
    const atOnce = Math.ceil((this.count * TICK_MS) / overMs);
    while (this.count > 0) {
      for (const held of [...this.tickOf.keys()].slice(0, atOnce)) this.release(held);
      if (this.count > 0) await delay(TICK_MS);
    }
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = this.tickAt(this.clock.now());
    for (; this.lastTick < now; this.lastTick++) {
      for (const held of this.byTick.get(this.lastTick + 1) ?? []) this.release(held);
    }
  }

  private release(held: Held): void {
    this.letGo(held);
    held.release();
  }

  private tickAt(ms: number): number {
    return Math.floor(ms / TICK_MS);
  }
}
