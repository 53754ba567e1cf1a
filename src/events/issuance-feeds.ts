import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { User } from '../auth/user.js';
import { Clock } from '../clock/clock.js';
import { type Change, ClusterSignals, type SignalListener } from '../clusters/cluster.signals.js';
import { ClustersService } from '../clusters/clusters.service.js';
import { inBackground } from '../errors/in-background.js';
import { isStorageAway, PairingError } from '../errors/pairing-error.js';
import { endedAt } from '../issuances/issuance.js';
import { IssuanceReconciler } from '../issuances/issuance.reconciler.js';
import { IssuanceStore } from '../issuances/issuance.store.js';
import { excludeFromLatency } from '../metrics/exclude-from-latency.js';
import { HeldRequests } from '../waiting/held-requests.js';
import { Subscriptions } from '../waiting/subscriptions.js';
import { inBatches } from '../waiting/in-batches.js';
import { type FeedSources, IssuanceFeed } from './issuance-feed.js';
import { IssuanceStream } from './issuance-stream.js';
import { HEARTBEAT_MS, type StreamClient } from './server-sent-events.js';

/** The most streams of one user in this process. A browser opens one a tab. */
const MAX_STREAMS = 20;
const TICK_MS = 1_000;
/** How many users are checked at a time. */
const BATCH_SIZE = 50;

/** Who watches issuances. */
export interface Watcher {
  readonly user: User;
  readonly client: StreamClient;
  /** Whether the user may still see what the stream shows. */
  mayStillWatch(): Promise<boolean>;
}

/** Streams live issuances to the users who watch them. Streams of the same issuances share a feed. */
@Injectable()
export class IssuanceFeeds implements SignalListener {
  private readonly sources: FeedSources;
  private readonly feeds = new Map<string | undefined, IssuanceFeed>();
  /** Feeds that had no stream at the last tick. */
  private readonly idle = new Set<IssuanceFeed>();
  private readonly watchers = new Map<IssuanceStream, Watcher>();
  private isChecking = false;

  constructor(
    private readonly records: IssuanceStore,
    reconciler: IssuanceReconciler,
    clusters: ClustersService,
    subscriptions: Subscriptions,
    private readonly clock: Clock,
    private readonly held: HeldRequests,
    signals: ClusterSignals,
  ) {
    this.sources = { records, reconciler, clusters, subscriptions, clock };
    signals.listen(this);
  }

  /**
   * The feed of an owner's live issuances; undefined: those of all owners. Fails with `storage-unavailable`. A stream
   * should be attached to it at once.
   */
  async open(owner: string | undefined): Promise<IssuanceFeed> {
    const feed = this.feeds.get(owner) ?? new IssuanceFeed(owner, this.sources);
    this.feeds.set(owner, feed);
    this.idle.delete(feed);
    try {
      await feed.begin();
      return feed;
    } catch (error) {
      this.close(owner, feed);
      throw error;
    }
  }

  /** Fails with `too-many-requests` when the user has the maximum number of streams. */
  assertMayOpen({ name }: User): void {
    const streams = [...this.watchers.values()].filter(({ user }) => user.name === name);
    if (streams.length < MAX_STREAMS) return;
    throw new PairingError('too-many-requests', {
      detail: `You have the maximum of ${MAX_STREAMS} streams of events. Close one.`,
      retryAfterSeconds: HEARTBEAT_MS / 1_000,
    });
  }

  /**
   * Sends the live issuances, then each change, until the client disconnects or the user may not watch any more. When
   * the request cannot be held, or the service stops, the stream ends earlier, and the client reconnects later.
   */
  stream(feed: IssuanceFeed, watcher: Watcher): void {
    const { user, client } = watcher;
    const { response } = client;
    const stream = new IssuanceStream(client, user.name);
    feed.show(stream);
    if (response.closed || !this.held.hold(stream, Infinity)) {
      stream.end();
      return;
    }
    excludeFromLatency(response);
    feed.streams.add(stream);
    this.watchers.set(stream, watcher);
    response.once('close', () => {
      this.held.remove(stream);
      feed.streams.delete(stream);
      this.watchers.delete(stream);
    });
  }

  changed(id: string, change: Change): void {
    if (change === 'created' && this.feeds.size > 0) {
      inBackground('Reading a new issuance', this.follow(id));
    }
  }

  signalsLost(): void {
    for (const feed of this.feeds.values()) feed.relist();
  }

  @Interval(TICK_MS)
  tick(): void {
    for (const [owner, feed] of this.feeds) {
      if (feed.streams.size > 0 || feed.isBeginning) this.idle.delete(feed);
      else if (this.idle.has(feed)) this.close(owner, feed);
      else this.idle.add(feed);
      inBackground('Following issuances', feed.tick());
    }
  }

  @Interval(HEARTBEAT_MS)
  sendHeartbeats(): void {
    for (const stream of this.watchers.keys()) stream.sendHeartbeat();
    inBackground('Checking who watches issuances', this.endRefused());
  }

  private async follow(id: string): Promise<void> {
    try {
      const record = await this.records.find(id);
      if (!record || endedAt(record, this.clock.now()) !== undefined) return;
      const feeds = [...this.feeds.values()].filter((feed) => feed.covers(record.owner));
      await Promise.all(feeds.map((feed) => feed.follow(record)));
    } catch (error) {
      if (!isStorageAway(error)) throw error;
      this.signalsLost();
    }
  }

  /** Ends the streams of users who have signed out, or have lost a role. */
  private async endRefused(): Promise<void> {
    if (this.isChecking) return;
    this.isChecking = true;
    try {
      await inBatches([...this.watchers], BATCH_SIZE, async ([stream, watcher]) => {
        if (!(await watcher.mayStillWatch())) stream.end();
      });
    } finally {
      this.isChecking = false;
    }
  }

  private close(owner: string | undefined, feed: IssuanceFeed): void {
    if (this.feeds.get(owner) === feed) this.feeds.delete(owner);
    this.idle.delete(feed);
    feed.close();
  }
}
