import type { Held, HeldRequests } from './held-requests.js';
import type { Query } from './query.js';
import type { Subscriber, Subscription } from './subscription.js';
import type { Subscriptions } from './subscriptions.js';

/** Why a held request has ended. `stopping`: the service stops, and the client should ask another replica. */
export type EndReason = 'satisfied' | 'cluster-ended' | 'deadline' | 'stopping' | 'client-gone';

/** What a held request does with the results of its query. */
export interface Receiver<T> {
  /** Returns whether further results are wanted. */
  onResult(result: T): boolean;
  /** Called once, after the last result. The request is not held any more. */
  onEnd(reason: EndReason): void;
}

/** A request that is held and receives the results of a query. */
export class HeldQuery<T> implements Held, Subscriber<T> {
  private subscription: Subscription<T> | undefined;
  private deadline = Infinity;

  constructor(
    private readonly held: HeldRequests,
    private readonly subscriptions: Subscriptions,
    private readonly receiver: Receiver<T>,
    readonly group: string,
    readonly address: string,
  ) {}

  /** Returns false when the request cannot be held. The receiver is not called then. */
  begin(query: Query<T>, deadline: number): boolean {
    if (!this.held.hold(this, deadline)) return false;
    this.deadline = deadline;
    this.subscription = this.subscriptions.subscribe(query, this);
    return true;
  }

  /** Reads the result again, for a receiver whose first result came from several reads. */
  async refresh(): Promise<void> {
    await this.subscription?.refresh();
  }

  /** Ends the request, if it has not ended yet. */
  end(reason: EndReason): void {
    if (!this.subscription) return;
    this.subscriptions.unsubscribe(this.subscription, this);
    this.subscription = undefined;
    this.held.remove(this);
    this.receiver.onEnd(reason);
  }

  onResult(result: T): void {
    if (!this.receiver.onResult(result)) this.end('satisfied');
  }

  /** A read may find that the cluster has expired before the timer notices the deadline. */
  onClusterEnd(): void {
    this.end(this.held.hasPassed(this.deadline) ? 'deadline' : 'cluster-ended');
  }

  onDeadline(): void {
    this.end(this.held.isStopping ? 'stopping' : 'deadline');
  }
}
