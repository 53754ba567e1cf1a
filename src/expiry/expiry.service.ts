import { randomUUID } from 'node:crypto';
import { setImmediate as letOthers } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { Settings } from '../config/settings.js';
import type { Issuance } from '../issuances/issuance.js';
import { IssuanceStore } from '../issuances/issuance.store.js';
import { IssuanceWatch } from '../issuances/issuance.watch.js';
import { Leases } from './leases.js';

/** What a run has done. */
export interface ExpiryReport {
  /** The records that it settled, because their clusters have ended. */
  readonly settled: readonly Issuance[];
  /** How many expired clusters it removed. */
  readonly removedClusters: number;
  /** How many records past their retention it dropped. */
  readonly droppedRecords: number;
}

/** How well it keeps up. */
export interface ExpiryStatus {
  /** When a run last succeeded, on whichever replica; undefined when none ever has. */
  readonly lastSuccessAt: number | undefined;
  /** For how long the record that waits longest has been due, in milliseconds. */
  readonly lagMs: number;
  readonly livePins: number;
}

const TASK = 'expiry';
/** Longer than a run takes; when its holder dies, another replica goes on after this. */
const LEASE_MS = 60_000;

// The bounds of one run. The embedded database stops everything else while it works, so it does little at
// a time.
const AT_ONCE = 20;
const MOST_LOOKS = 50 * AT_ONCE;
const MOST_REMOVALS = 200;

/**
 * Looks at the clusters that are due, and clears away what has expired: by one replica at a time, though
 * two would do no harm. Whatever a run leaves undone is due in the next.
 */
@Injectable()
export class ExpiryService {
  private readonly holder = randomUUID();

  constructor(
    private readonly leases: Leases,
    private readonly records: IssuanceStore,
    private readonly clusters: ClusterStore,
    private readonly watch: IssuanceWatch,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Undefined when another replica does it. Fails with `storage-unavailable`. */
  async run(): Promise<ExpiryReport | undefined> {
    const now = this.clock.now();
    if (!(await this.leases.take(TASK, this.holder, now, now + LEASE_MS))) return undefined;
    const settled = await this.lookAtAll();
    const removedClusters = await this.clusters.removeExpired(MOST_REMOVALS);
    const oldest = this.clock.now() - this.settings.issuanceRetentionMs;
    const droppedRecords = await this.records.removeBefore(oldest, MOST_REMOVALS);
    await this.leases.succeeded(TASK, this.clock.now());
    return { settled, removedClusters, droppedRecords };
  }

  /** Fails with `storage-unavailable`. */
  async status(): Promise<ExpiryStatus> {
    const now = this.clock.now();
    const [longestDue] = await this.records.due(now, 1);
    return {
      lastSuccessAt: await this.leases.lastSuccess(TASK),
      lagMs: now - (longestDue?.checkAt ?? now),
      livePins: await this.records.countLive(now),
    };
  }

  private async lookAtAll(): Promise<Issuance[]> {
    const settled: Issuance[] = [];
    for (let looks = 0; looks < MOST_LOOKS; looks += AT_ONCE) {
      const due = await this.records.due(this.clock.now(), AT_ONCE);
      const looked = await Promise.all(due.map((record) => this.watch.look(record)));
      settled.push(...looked.filter((record) => record !== undefined));
      if (due.length < AT_ONCE) break;
      await letOthers();
    }
    return settled;
  }
}
