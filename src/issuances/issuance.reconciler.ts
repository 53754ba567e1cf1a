import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { Cluster } from '../clusters/cluster.js';
import { ClusterLedger } from '../clusters/cluster.ledger.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { Metrics } from '../metrics/metrics.js';
import { type Issuance, marksOf, outcomeOf } from './issuance.js';
import { IssuanceStore } from './issuance.store.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** If a cluster does not exist this long after its record was written, it will not be created any more. */
export const CREATION_GRACE_MS = 10 * SECOND;
/** How long before its expiry a live cluster is checked for the last time. */
const LAST_CHECK_MS = 10 * SECOND;
/** The most clusters of a user that are read for a list. */
const MAX_REFRESHED = 200;

/**
 * Copies the state of clusters into their records. Several replicas may do so at the same time: a record is changed
 * only if it has not changed since it was read, and is settled only once.
 */
@Injectable()
export class IssuanceReconciler extends ClusterLedger {
  private readonly logger = new Logger('Issuances');

  constructor(
    private readonly records: IssuanceStore,
    private readonly clusters: ClusterStore,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  /**
   * Copies the state of a cluster into its record. Returns the record if this settled it, because the cluster has
   * ended; otherwise undefined. Fails with `storage-unavailable`.
   */
  async reconcile(record: Issuance): Promise<Issuance | undefined> {
    const { id, createdAt, expiresAt, seenAt, checkAt, revokedAt } = record;
    if (checkAt === null) return undefined;
    if (seenAt === null && this.clock.now() < createdAt + CREATION_GRACE_MS) return undefined;
    if (revokedAt !== null) return this.settle(record, await this.clusters.end(id));

    const cluster = await this.clusters.find(id);
    const now = this.clock.now();
    if (cluster) {
      const marks = marksOf(cluster);
      if (now >= checkAt || !isUpToDate(record, marks)) {
        await this.change(record, {
          ...marks,
          seenAt: now,
          checkAt: nextCheckAt(record, now),
        });
      }
      return undefined;
    }
    if (now >= expiresAt) return this.settle(record);
    if (now >= expiresAt - LAST_CHECK_MS) {
      // The storage's clock may be a little ahead of ours, so the cluster may have expired and not been deleted.
      await this.records.update(record, { checkAt: expiresAt });
      return undefined;
    }
    return this.settle(
      record,
      undefined,
      seenAt === null ? { expiresAt: now } : { deletedAt: now },
    );
  }

  /** Reconciles the live clusters of an owner. A record is not changed if its cluster cannot be read. */
  async refresh(owner: string): Promise<void> {
    const filter = { owner, ended: false };
    const live = await this.records.list(filter, this.clock.now(), MAX_REFRESHED);
    await Promise.allSettled(live.map((record) => this.reconcile(record)));
  }

  async ownerOf(id: string): Promise<string | undefined> {
    return (await this.records.find(id))?.owner;
  }

  ended(id: string, cluster: Cluster): void {
    this.noteDeletion(id, cluster).catch((error: Error) => {
      this.logger.warn(`The deletion of a cluster is not recorded yet: ${error.message}`);
    });
  }

  private async noteDeletion(id: string, cluster: Cluster): Promise<void> {
    for (;;) {
      const record = await this.records.find(id);
      if (!record || record.checkAt === null || record.revokedAt !== null) return;
      if (await this.settle(record, cluster, { deletedAt: this.clock.now() })) return;
      // It was changed meanwhile: read it again.
    }
  }

  private async settle(record: Issuance, last?: Cluster, end: Partial<Issuance> = {}) {
    const settled = { ...(last && marksOf(last)), ...end, checkAt: null };
    return (await this.change(record, settled)) ? { ...record, ...settled } : undefined;
  }

  /** Changes a record and counts the changes in the metrics. Returns false if it has changed since it was read. */
  private async change(record: Issuance, change: Partial<Issuance>): Promise<boolean> {
    if (!(await this.records.update(record, change))) return false;
    const changed = { ...record, ...change };
    const { createdAt, masterAt, readyAt, firstFetchedAt, completedAt, checkAt } = changed;
    if (record.masterAt === null && masterAt !== null) {
      this.metrics.observeMasterDelay((masterAt - createdAt) / SECOND);
    }
    if (record.firstFetchedAt === null && firstFetchedAt !== null && readyAt !== null) {
      this.metrics.observeFetchDelay(Math.max(0, firstFetchedAt - readyAt) / SECOND);
    }
    if (record.completedAt === null && completedAt !== null) {
      const sinceReady = readyAt === null ? undefined : Math.max(0, completedAt - readyAt) / SECOND;
      this.metrics.observeCompletion((completedAt - createdAt) / SECOND, sinceReady);
    }
    const outcome = checkAt === null && outcomeOf(changed, this.clock.now());
    if (outcome) this.metrics.clusterEnded(outcome);
    return true;
  }
}

/** When a cluster is checked next. The older it is, the less often it changes. */
function nextCheckAt({ createdAt, expiresAt }: Issuance, now: number): number {
  const pause = Math.min(Math.max((now - createdAt) / 20, 10 * SECOND), 5 * MINUTE);
  const last = expiresAt - LAST_CHECK_MS;
  return now < last ? Math.min(now + Math.round(pause), last) : expiresAt;
}

function isUpToDate(record: Issuance, marks: Partial<Issuance>): boolean {
  return Object.entries(marks).every(([name, mark]) => record[name as keyof Issuance] === mark);
}
