import { randomUUID } from 'node:crypto';
import { setImmediate as yieldToRequests } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { Settings } from '../config/settings.js';
import type { Issuance } from '../issuances/issuance.js';
import { IssuanceStore } from '../issuances/issuance.store.js';
import { IssuanceReconciler } from '../issuances/issuance.reconciler.js';
import { Leases } from './leases.js';

/** The result of a run. */
export interface MaintenanceReport {
  /** The records that were settled because their clusters have ended. */
  readonly settled: readonly Issuance[];
  /** How many expired clusters were removed. */
  readonly removedClusters: number;
  /** How many records past their retention were removed. */
  readonly droppedRecords: number;
}

/** How up to date the records are. */
export interface MaintenanceStatus {
  /** When a run last succeeded, on any replica; undefined if none has. */
  readonly lastSuccessAt: number | undefined;
  /** How long the longest overdue record has been due, in milliseconds. */
  readonly lagMs: number;
  readonly livePins: number;
}

/** The name of the lease in the database. */
const TASK = 'expiry';
/** Longer than a run takes. If its holder dies, another replica takes over after this. */
const LEASE_MS = 60_000;

// The bounds of one run. The embedded database blocks the process while it works, so it does little at a time.
const BATCH_SIZE = 20;
const MAX_RECONCILED = 50 * BATCH_SIZE;
const MAX_REMOVALS = 200;

/**
 * Reconciles the records that are due with their clusters, and removes expired clusters and old records. One replica at
 * a time does it, but two would do no harm. What a run does not finish is done in the next one.
 */
@Injectable()
export class MaintenanceService {
  private readonly holder = randomUUID();

  constructor(
    private readonly leases: Leases,
    private readonly records: IssuanceStore,
    private readonly clusters: ClusterStore,
    private readonly reconciler: IssuanceReconciler,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Does one run. Returns undefined if another replica holds the lease. Fails with `storage-unavailable`. */
  async run(): Promise<MaintenanceReport | undefined> {
    const now = this.clock.now();
    if (!(await this.leases.take(TASK, this.holder, now, now + LEASE_MS))) return undefined;
    const settled = await this.reconcileDue();
    const removedClusters = await this.clusters.removeExpired(MAX_REMOVALS);
    const oldest = this.clock.now() - this.settings.issuanceRetentionMs;
    const droppedRecords = await this.records.removeBefore(oldest, MAX_REMOVALS);
    await this.leases.succeeded(TASK, this.clock.now());
    return { settled, removedClusters, droppedRecords };
  }

  /** Fails with `storage-unavailable`. */
  async status(): Promise<MaintenanceStatus> {
    const now = this.clock.now();
    const [longestDue] = await this.records.due(now, 1);
    return {
      lastSuccessAt: await this.leases.lastSuccess(TASK),
      lagMs: now - (longestDue?.checkAt ?? now),
      livePins: await this.records.countLive(now),
    };
  }

  private async reconcileDue(): Promise<Issuance[]> {
    const settled: Issuance[] = [];
    for (let count = 0; count < MAX_RECONCILED; count += BATCH_SIZE) {
      const due = await this.records.due(this.clock.now(), BATCH_SIZE);
      const reconciled = await Promise.all(due.map((record) => this.reconciler.reconcile(record)));
      settled.push(...reconciled.filter((record) => record !== undefined));
      if (due.length < BATCH_SIZE) break;
      await yieldToRequests();
    }
    return settled;
  }
}
