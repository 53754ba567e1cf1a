import type { Clock } from '../clock/clock.js';
import type { ClustersService } from '../clusters/clusters.service.js';
import { inBackground } from '../errors/in-background.js';
import { isStorageAway, UnknownPinError } from '../errors/pairing-error.js';
import { IssuanceInfo } from '../issuances/issuance.dto.js';
import { endedAt, type Issuance } from '../issuances/issuance.js';
import type { IssuanceReconciler } from '../issuances/issuance.reconciler.js';
import type { IssuanceStore } from '../issuances/issuance.store.js';
import { inBatches } from '../waiting/in-batches.js';
import type { Subscriber, Subscription } from '../waiting/subscription.js';
import type { Subscriptions } from '../waiting/subscriptions.js';
import { IssuanceQuery } from './issuance-query.js';
import type { IssuanceStream } from './issuance-stream.js';

/** The most live issuances that a stream follows: the newest. */
const MAX_FOLLOWED = 1_000;
const BATCH_SIZE = 50;
/** The signal of a new cluster may be lost without notice, so new ones are also listed after this time. */
const RELIST_MS = 60_000;
/** A record is written before its cluster exists, and the clocks of replicas may differ. */
const OVERLAP_MS = 60_000;
/**
 * How often the record of an ended cluster is read before it is settled here. The replica that ended the cluster knows
 * its last state, so it should be the one that settles the record.
 */
const READS_BEFORE_SETTLING = 3;

/** The parts of the service that a feed uses. */
export interface FeedSources {
  readonly records: IssuanceStore;
  readonly reconciler: IssuanceReconciler;
  readonly clusters: ClustersService;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
}

/** A live issuance that is followed. */
interface Followed {
  /** As it was last sent. */
  json: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly subscription: Subscription<Issuance>;
  readonly stop: () => void;
}

/**
 * The live issuances of one owner, or of all owners, as they change. A change is read and encoded once for all streams
 * of this process.
 */
export class IssuanceFeed {
  readonly streams = new Set<IssuanceStream>();
  /** By id; the oldest first, apart from clusters that are issued during a listing. */
  private readonly followed = new Map<string, Followed>();
  /** Clusters that have ended, with the number of times that their record was read since. */
  private readonly ended = new Map<string, number>();
  private begun: Promise<void> | undefined;
  private hasMore = false;
  private listedAt: number | undefined;
  private nextListAt = Infinity;
  private isWorking = false;
  private isClosed = false;

  constructor(
    /** Undefined: all owners. */
    private readonly owner: string | undefined,
    private readonly sources: FeedSources,
  ) {}

  /**
   * Reads all live issuances, once, and waits for the reads of changes that are going on. Fails with
   * `storage-unavailable` when their records cannot be read.
   */
  async begin(): Promise<void> {
    await (this.begun ??= this.list());
    await Promise.all(
      [...this.followed.values()].map(({ subscription }) => subscription.settled()),
    );
  }

  /** Whether `begin` is at work. */
  get isBeginning(): boolean {
    return this.listedAt === undefined;
  }

  /** Sends the live issuances to a stream. */
  show(stream: IssuanceStream): void {
    const live = [...this.followed].map(([id, { json }]): [string, string] => [id, json]);
    stream.begin(live, { more: this.hasMore });
  }

  /** Whether the issuances of this owner are among those of the feed. */
  covers(owner: string): boolean {
    return this.owner === undefined || this.owner === owner;
  }

  /** Follows a live issuance, unless it is followed already. */
  async follow(record: Issuance): Promise<void> {
    const { id, expiresAt } = record;
    const query = new IssuanceQuery(this.sources.clusters, record);
    const issuance = await this.readFirst(query, record);
    if (!issuance || this.isClosed || this.followed.has(id)) return;
    const { subscriptions } = this.sources;
    const subscriber: Subscriber<Issuance> = {
      onResult: (result) => this.onChange(id, result),
      onClusterEnd: () => this.onEnd(id),
    };
    const subscription = subscriptions.subscribe(query, subscriber);
    const stop = () => subscriptions.unsubscribe(subscription, subscriber);
    this.followed.set(id, { json: '', expiresAt, subscription, stop });
    this.ended.delete(id);
    this.onChange(id, issuance);
    if (this.followed.size > MAX_FOLLOWED) {
      this.hasMore = true;
      this.stopFollowing(this.followed.keys().next().value!);
    }
  }

  /** New clusters may have been missed: lists them with the next tick. */
  relist(): void {
    this.nextListAt = 0;
  }

  /** To be called every second. */
  async tick(): Promise<void> {
    const now = this.sources.clock.now();
    for (const [id, { expiresAt }] of this.followed) if (now >= expiresAt) this.markEnded(id);
    await this.catchUp();
  }

  close(): void {
    this.isClosed = true;
    for (const { stop } of this.followed.values()) stop();
    this.followed.clear();
  }

  /** Lists new issuances if that is due, and sends those that have ended. */
  private async catchUp(): Promise<void> {
    if (this.isWorking) return; // what is left is done with the next tick
    this.isWorking = true;
    try {
      if (this.sources.clock.now() >= this.nextListAt) await this.list();
      await inBatches([...this.ended.keys()], BATCH_SIZE, (id) => this.finish(id));
    } catch (error) {
      if (!isStorageAway(error)) throw error; // else the next tick tries again
    } finally {
      this.isWorking = false;
    }
  }

  /** Follows those issued since the last call. */
  private async list(): Promise<void> {
    const { records, clock } = this.sources;
    const now = clock.now();
    const since = this.listedAt === undefined ? undefined : this.listedAt - OVERLAP_MS;
    const filter = { owner: this.owner, ended: false, since };
    const found = await records.list(filter, now, MAX_FOLLOWED + 1);
    this.hasMore ||= found.length > MAX_FOLLOWED;
    const missing = found.slice(0, MAX_FOLLOWED).filter(({ id }) => !this.followed.has(id));
    await inBatches(missing.toReversed(), BATCH_SIZE, (record) => this.follow(record));
    this.listedAt = now;
    this.nextListAt = now + RELIST_MS;
  }

  /** The current state; while that cannot be read, the state that was recorded last. Undefined if it has ended. */
  private async readFirst(query: IssuanceQuery, record: Issuance): Promise<Issuance | undefined> {
    try {
      return await query.read();
    } catch (error) {
      if (isStorageAway(error)) return record;
      if (!(error instanceof UnknownPinError)) throw error;
      if (!this.ended.has(record.id)) this.ended.set(record.id, 0);
      return undefined;
    }
  }

  private onChange(id: string, issuance: Issuance): void {
    const followed = this.followed.get(id);
    const json = this.encode(issuance);
    if (!followed || json === followed.json) return;
    followed.json = json;
    this.send(id, json);
  }

  private onEnd(id: string): void {
    this.markEnded(id);
    inBackground('Reading an ended issuance', this.catchUp());
  }

  private markEnded(id: string): void {
    if (this.stopFollowing(id)) this.ended.set(id, 0);
  }

  private stopFollowing(id: string): boolean {
    this.followed.get(id)?.stop();
    return this.followed.delete(id);
  }

  /** Sends an issuance that has ended, once its record says so. */
  private async finish(id: string): Promise<void> {
    const { records, reconciler, clock } = this.sources;
    const reads = this.ended.get(id) ?? 0;
    const record = await records.find(id);
    if (!record || endedAt(record, clock.now()) !== undefined) {
      this.ended.delete(id);
      if (record) this.send(id, this.encode(record));
      return;
    }
    this.ended.set(id, reads + 1);
    if (reads >= READS_BEFORE_SETTLING) await reconciler.reconcile(record);
  }

  private encode(issuance: Issuance): string {
    return JSON.stringify(new IssuanceInfo(issuance, this.sources.clock.now()));
  }

  private send(id: string, json: string): void {
    for (const stream of this.streams) stream.send(id, json);
  }
}
