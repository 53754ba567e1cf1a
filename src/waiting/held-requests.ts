import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.js';
import { PlaceShares, type Sharer } from './place-shares.js';

/** A request that is held: its answer waits for an event. */
export interface Held extends Sharer {
  /** Called when the deadline has passed, or the service stops. The request has been removed, and must be answered now. */
  onDeadline(): void;
}

const TICK_MS = 100;
/** The time over which held requests are answered when the service stops, so that clients do not all come back at once. */
const RELEASE_MS = 5_000;

/**
 * The requests that are held, at most `MAX_HELD_REQUESTS`. One timer serves all: a timer for each would need more
 * memory than everything else that is kept for a request.
 */
@Injectable()
export class HeldRequests implements BeforeApplicationShutdown, OnApplicationShutdown {
  /** The requests by the tick of their deadline. */
  private readonly byTick = new Map<number, Set<Held>>();
  private readonly tickOf = new Map<Held, number>();
  private readonly shares: PlaceShares;
  private stopping = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    { maxHeldRequests }: Settings,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.shares = new PlaceShares(maxHeldRequests);
    metrics.observeHeldRequests(() => this.count, maxHeldRequests);
    // Not Nest's `@Interval`, which logs an exception and goes on: here it is a defect, and the process must end.
    this.timer = setInterval(() => this.tick(), TICK_MS).unref();
  }

  get count(): number {
    return this.tickOf.size;
  }

  /** Whether all requests are being answered because the service stops. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /**
   * Holds a request until a deadline, in milliseconds since the epoch. Returns false when there is no place for it
   * (`PlaceShares`), or the service stops.
   */
  hold(held: Held, deadline: number): boolean {
    if (this.stopping || !this.shares.take(held)) return false;
    const tick = tickAt(deadline) + 1;
    this.tickOf.set(held, tick);
    const sameTick = this.byTick.get(tick);
    if (sameTick) sameTick.add(held);
    else this.byTick.set(tick, new Set([held]));
    return true;
  }

  /** Whether a deadline has passed, in milliseconds since the epoch. */
  hasPassed(deadline: number): boolean {
    return this.clock.now() >= deadline;
  }

  /** Frees the place of a request that was answered, or whose client has disconnected. */
  remove(held: Held): void {
    const tick = this.tickOf.get(held);
    if (tick === undefined) return;
    this.tickOf.delete(held);
    this.shares.release(held);
    const sameTick = this.byTick.get(tick);
    sameTick?.delete(held);
    if (sameTick?.size === 0) this.byTick.delete(tick);
  }

  /** Answers all held requests before the service stops listening. No more are held. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    const atOnce = Math.ceil((this.count * TICK_MS) / RELEASE_MS);
    while (this.count > 0) {
      for (const held of [...this.tickOf.keys()].slice(0, atOnce)) this.expire(held);
      if (this.count > 0) await delay(TICK_MS);
    }
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = tickAt(this.clock.now());
    // Does not count the ticks since the last time, because the clock may be set forward by years, or back.
    for (const [tick, sameTick] of this.byTick) {
      if (tick <= now) for (const held of sameTick) this.expire(held);
    }
  }

  private expire(held: Held): void {
    this.remove(held);
    held.onDeadline();
  }
}

function tickAt(ms: number): number {
  return Math.floor(ms / TICK_MS);
}
