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
/** A cluster that is not there so long after its record was made will not come any more. */
export const BIRTH_MS = 10 * SECOND;
/** The last look at a living cluster comes so long before its end. */
const LAST_LOOK_MS = 10 * SECOND;
/** So many of one user's clusters are looked at for a list. */
const MOST_REFRESHED = 200;

/**
 * Keeps records up to date with their clusters. Any number may do so at the same time: a record is
 * changed only as it was read, and settled once.
 */
@Injectable()
export class IssuanceWatch extends ClusterLedger {
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
   * Copies into a record what has become of its cluster. Gives the record when that settled it, because
   * the cluster has ended. Fails with `storage-unavailable`.
   */
  async look(record: Issuance): Promise<Issuance | undefined> {
    const { id, createdAt, expiresAt, seenAt, checkAt, revokedAt } = record;
    if (checkAt === null) return undefined;
    if (seenAt === null && this.clock.now() < createdAt + BIRTH_MS) return undefined;
    if (revokedAt !== null) return this.settle(record, await this.clusters.end(id));

    const cluster = await this.clusters.find(id);
    const now = this.clock.now();
    if (cluster) {
      const marks = marksOf(cluster);
      if (now >= checkAt || !has(record, marks)) {
        await this.change(record, {
          ...marks,
          seenAt: now,
          checkAt: nextLook(record, now),
        });
      }
      return undefined;
    }
    if (now >= expiresAt) return this.settle(record);
    if (now >= expiresAt - LAST_LOOK_MS) {
      // The storage's clock may be a little ahead of ours: this is no reason to call it deleted.
      await this.records.update(record, { checkAt: expiresAt });
      return undefined;
    }
    return this.settle(
      record,
      undefined,
      seenAt === null ? { expiresAt: now } : { deletedAt: now },
    );
  }

  /** Looks at what lives of an owner's. What cannot be looked at now stays as it was. */
  async refresh(owner: string): Promise<void> {
    const filter = { owner, ended: false };
    const live = await this.records.list(filter, this.clock.now(), MOST_REFRESHED);
    await Promise.allSettled(live.map((record) => this.look(record)));
  }

  async ownerOf(id: string): Promise<string | undefined> {
    return (await this.records.find(id))?.owner;
  }

  ended(id: string, cluster: Cluster): void {
    this.noteDeletion(id, cluster).catch((error: Error) => {
      this.logger.warn(`That a cluster was deleted is not on record yet: ${error.message}`);
    });
  }

  private async noteDeletion(id: string, cluster: Cluster): Promise<void> {
    for (;;) {
      const record = await this.records.find(id);
      if (!record || record.checkAt === null || record.revokedAt !== null) return;
      if (await this.settle(record, cluster, { deletedAt: this.clock.now() })) return;
      // It was changed meanwhile: look again.
    }
  }

  private async settle(record: Issuance, last?: Cluster, end: Partial<Issuance> = {}) {
    const settled = { ...(last && marksOf(last)), ...end, checkAt: null };
    return (await this.change(record, settled)) ? { ...record, ...settled } : undefined;
  }

  /** Changes a record and tells what is new. False when it is no longer as it was read. */
  private async change(record: Issuance, change: Partial<Issuance>): Promise<boolean> {
    if (!(await this.records.update(record, change))) return false;
    const changed = { ...record, ...change };
    const { createdAt, masterAt, readyAt, firstFetchedAt, checkAt } = changed;
    if (record.masterAt === null && masterAt !== null) {
      this.metrics.masterCame((masterAt - createdAt) / SECOND);
    }
    if (record.firstFetchedAt === null && firstFetchedAt !== null && readyAt !== null) {
      this.metrics.workerCame(Math.max(0, firstFetchedAt - readyAt) / SECOND);
    }
    const outcome = checkAt === null && outcomeOf(changed, this.clock.now());
    if (outcome) this.metrics.clusterEnded(outcome);
    return true;
  }
}

/** The older a cluster, the seldomer something happens to it. */
function nextLook({ createdAt, expiresAt }: Issuance, now: number): number {
  const pause = Math.min(Math.max((now - createdAt) / 20, 10 * SECOND), 5 * MINUTE);
  const last = expiresAt - LAST_LOOK_MS;
  return now < last ? Math.min(now + Math.round(pause), last) : expiresAt;
}

function has(record: Issuance, marks: Partial<Issuance>): boolean {
  return Object.entries(marks).every(([name, mark]) => record[name as keyof Issuance] === mark);
}
