import { isIPv4 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { networkOf } from '../limits/network.js';
import { Metrics } from '../metrics/metrics.js';

/** A request whose answer is held back until something happens. */
export interface Held {
  /** The id of its cluster. */
  readonly clusterId: string;
  /** The address of its client. */
  readonly address: string;
  /** Its time is over, or the service stops: it must be answered now, and has lost its place. */
  release(): void;
}

const TICK_MS = 100;

/**
 * Requests of one cluster are held while they are fewer than this many times the free places. So the
 * cluster gets at most three quarters of all places, and the more clusters wait, the less each of them
 * can take: free places are left for a cluster that has none yet.
 */
const CLUSTER_SHARE = 3;
/** The same for one client address: seven eighths, so that a neighbour behind the same NAT is held, too. */
const ADDRESS_SHARE = 7;

/**
 * The requests that are held, at most `MAX_HELD_REQUESTS`, shared fairly between clusters and between
 * client addresses (ADR 12). One timer for all: a timer each would need more memory than all else that is
 * kept for a request.
 */
@Injectable()
export class HeldRequests implements OnApplicationShutdown {
  /** By the tick at which they are released. */
  private readonly byTick = new Map<number, Set<Held>>();
  private readonly tickOf = new Map<Held, number>();
  private readonly countOfCluster = new Map<string, number>();
  private readonly countOfClient = new Map<string, number>();
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

  /**
   * Holds a request until then. False when its cluster or its client holds its share already, no place is
   * left, or the service stops.
   */
  hold(held: Held, until: number): boolean {
    if (this.stopping || !this.hasPlaceFor(held)) return false;
    const tick = Math.max(this.tickAt(until), this.lastTick) + 1;
    this.tickOf.set(held, tick);
    add(this.countOfCluster, held.clusterId, 1);
    add(this.countOfClient, clientOf(held), 1);
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
    add(this.countOfCluster, held.clusterId, -1);
    add(this.countOfClient, clientOf(held), -1);
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

  private hasPlaceFor(held: Held): boolean {
    const free = this.settings.maxHeldRequests - this.count;
    const ofCluster = this.countOfCluster.get(held.clusterId) ?? 0;
    const ofClient = this.countOfClient.get(clientOf(held)) ?? 0;
    return ofCluster < CLUSTER_SHARE * free && ofClient < ADDRESS_SHARE * free;
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

/** A client has all addresses of an IPv6 /64 at its disposal. */
function clientOf({ address }: Held): string {
  return isIPv4(address) ? address : networkOf(address);
}

function add(counts: Map<string, number>, key: string, n: number): void {
  const count = (counts.get(key) ?? 0) + n;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
