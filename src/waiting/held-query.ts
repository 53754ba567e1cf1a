import type { Held, HeldRequests } from './held-requests.js';
import type { Query } from './query.js';
import type { Subscriber, Subscription } from './subscription.js';
import type { Subscriptions } from './subscriptions.js';

/** Why no further result comes. `stopping`: the service stops, another replica may go on. */
export type EndReason = 'satisfied' | 'cluster-ended' | 'deadline' | 'stopping' | 'client-gone';

/** What a held request does with the results of its query. */
export interface Receiver<T> {
  /** Gives whether further results are wanted. */
  onResult(result: T): boolean;
  /** Called once, after the last result. The request has no place any more. */
  onEnd(reason: EndReason): void;
}

/** A request that is held while results of a query come. */
export class HeldQuery<T> implements Held, Subscriber<T> {
  private subscription: Subscription<T> | undefined;
  private deadline = Infinity;

  constructor(
    private readonly held: HeldRequests,
    private readonly subscriptions: Subscriptions,
    private readonly query: Query<T>,
    private readonly receiver: Receiver<T>,
    readonly address: string,
  ) {}

  get group(): string {
    return this.query.clusterId;
  }

  /** False when it cannot be held; then nothing is called. */
  begin(deadline: number): boolean {
    if (!this.held.hold(this, deadline)) return false;
    this.deadline = deadline;
    this.subscription = this.subscriptions.subscribe(this.query, this);
    return true;
  }

  /** Has the result read again, for a view that was pieced together from several reads. */
  async refresh(): Promise<void> {
    await this.subscription?.refresh();
  }

  /** Ends it, if it has not ended. */
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

  /** A cluster that has expired may be found missing before the deadline is noticed. */
  onClusterEnd(): void {
    this.end(this.held.hasPassed(this.deadline) ? 'deadline' : 'cluster-ended');
  }

  onDeadline(): void {
    this.end(this.held.isStopping ? 'stopping' : 'deadline');
  }
}
