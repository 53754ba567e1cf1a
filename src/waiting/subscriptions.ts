import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Clock } from '../clock/clock.js';
import { type Change, ClusterSignals, type SignalListener } from '../clusters/cluster.signals.js';
import { inBackground } from '../errors/in-background.js';
import { inBatches } from './in-batches.js';
import type { Query } from './query.js';
import { type Subscriber, Subscription } from './subscription.js';

/** A signal may be lost without notice, so each result is read again after this time. */
const REREAD_MS = 15_000;
const SWEEP_MS = 1_000;
/** Limited, so that the reads of many subscriptions do not delay new requests. */
const MAX_CONCURRENT_READS = 200;

/**
 * The subscriptions of this process. Each reads its query after each signal of a change that affects it,
 * after signals were lost, and every 15 seconds (ADR 13). Two subscribers of one query cost one read.
 */
@Injectable()
export class Subscriptions implements SignalListener {
  private readonly byCluster = new Map<string, Map<string, Subscription<unknown>>>();
  /** In the order of `nextReadAt`. */
  private readonly all = new Set<Subscription<unknown>>();

  constructor(
    private readonly clock: Clock,
    signals: ClusterSignals,
  ) {
    signals.listen(this);
  }

  /**
   * Subscribes to the results of a query. For the first subscriber the result is read again at once, because a change
   * after its own read was not signalled to it. A later one gets a result with the next change; if its own result
   * came from several reads, it should call `refresh` on the subscription.
   */
  subscribe<T>(query: Query<T>, subscriber: Subscriber<T>): Subscription<T> {
    const ofCluster =
      this.byCluster.get(query.clusterId) ?? new Map<string, Subscription<unknown>>();
    const known = ofCluster.get(query.name) as Subscription<T> | undefined;
    const subscription = known ?? this.create(query);
    subscription.subscribers.add(subscriber);
    if (!known) {
      this.byCluster.set(query.clusterId, ofCluster.set(query.name, subscription));
      this.all.add(subscription);
      this.refresh([subscription]);
    }
    return subscription;
  }

  /** Removes a subscriber, and the subscription with its last one. */
  unsubscribe<T>(subscription: Subscription<T>, subscriber: Subscriber<T>): void {
    subscription.remove(subscriber);
  }

  private create<T>(query: Query<T>): Subscription<T> {
    const subscription: Subscription<T> = new Subscription(
      query,
      this.clock.now() + REREAD_MS,
      () => this.forget(subscription),
    );
    return subscription;
  }

  private forget<T>(subscription: Subscription<T>): void {
    if (!this.all.delete(subscription)) return;
    const { query } = subscription;
    const ofCluster = this.byCluster.get(query.clusterId);
    ofCluster?.delete(query.name);
    if (ofCluster?.size === 0) this.byCluster.delete(query.clusterId);
  }

  changed(clusterId: string, change: Change): void {
    const ofCluster = this.byCluster.get(clusterId);
    if (!ofCluster) return;
    const subscriptions = [...ofCluster.values()];
    if (change === 'end') for (const subscription of subscriptions) subscription.end();
    else
      this.refresh(
        subscriptions.filter(({ query }) => query.isAffectedBy(change)),
        change,
      );
  }

  signalsLost(): void {
    this.refresh([...this.all]);
  }

  /** Reads again what was not read for `REREAD_MS`. */
  @Interval(SWEEP_MS)
  rereadDue(): void {
    const now = this.clock.now();
    const due: Subscription<unknown>[] = [];
    for (const subscription of this.all) {
      if (subscription.nextReadAt > now) break;
      due.push(subscription);
    }
    for (const subscription of due) {
      subscription.nextReadAt = now + REREAD_MS;
      this.all.delete(subscription);
      this.all.add(subscription); // moves it to the end
    }
    this.refresh(due);
  }

  private refresh(subscriptions: readonly Subscription<unknown>[], change?: Change): void {
    if (subscriptions.length === 0) return;
    const reads = inBatches(subscriptions, MAX_CONCURRENT_READS, (each) => each.refresh(change));
    inBackground('Reading for subscribers', reads);
  }
}
