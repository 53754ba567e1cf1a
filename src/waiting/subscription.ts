import { Logger } from '@nestjs/common';
import type { Change } from '../clusters/cluster.signals.js';
import { inBackground } from '../errors/in-background.js';
import { isStorageAway, UnknownPinError } from '../errors/pairing-error.js';
import type { Query } from './query.js';

/** Receives the results of a query. */
export interface Subscriber<T> {
  /** Called with each result that was read, even if it is equal to the previous one. */
  onResult(result: T): void;
  /** Called when the cluster has ended. No result follows. */
  onClusterEnd(): void;
}

const logger = new Logger('Subscription');

/** All subscribers of one query. The result is read once for all of them. */
export class Subscription<T> {
  readonly subscribers = new Set<Subscriber<T>>();
  private reading = false;
  /** Resolves when the reads that began last have ended. */
  private reads: Promise<void> | undefined;
  /** The pause after a read (`Query.pauseMs`). */
  private pausing = false;
  /** A change was signalled during the read, so that its result may be out of date. */
  private dirty = false;
  /** The next read does not wait for the end of the pause. */
  private urgent = false;

  constructor(
    readonly query: Query<T>,
    /** When the result must be read again, even without a signal. Milliseconds since the epoch. */
    public nextReadAt: number,
    /** Called when it has no subscribers any more, after the pause: one that subscribes anew must not evade it. */
    private readonly onIdle: () => void,
  ) {}

  remove(subscriber: Subscriber<T>): void {
    this.subscribers.delete(subscriber);
    this.endIfIdle();
  }

  /**
   * Reads the result and passes it to all subscribers. During a read or its pause, another one follows after it; after
   * an urgent change it follows the read.
   */
  async refresh(change?: Change): Promise<void> {
    this.dirty = true;
    if (change !== undefined && this.query.isUrgent?.(change)) this.urgent = true;
    if (!this.reading) this.reads = this.readUntilClean();
    await this.reads;
  }

  /** Resolves when the reads that are going on have ended. */
  async settled(): Promise<void> {
    await this.reads;
  }

  end(): void {
    for (const subscriber of this.subscribers) subscriber.onClusterEnd();
  }

  private async readUntilClean(): Promise<void> {
    this.reading = true;
    // Without subscribers the result is not read again: the last one may have been satisfied by the previous read.
    while (this.dirty && this.subscribers.size > 0 && (this.urgent || !this.pausing)) {
      this.dirty = this.urgent = false;
      await this.read();
      if (this.query.pauseMs && !this.pausing) this.pause(this.query.pauseMs);
    }
    this.reading = false;
  }

  private pause(ms: number): void {
    this.pausing = true;
    setTimeout(() => {
      this.pausing = false;
      this.endIfIdle();
      const isDue = this.dirty && this.subscribers.size > 0;
      if (isDue) inBackground('Reading after a pause', this.refresh());
    }, ms).unref();
  }

  private endIfIdle(): void {
    const willPause = this.pausing || (this.reading && this.query.pauseMs);
    if (this.subscribers.size === 0 && !willPause) this.onIdle();
  }

  private async read(): Promise<void> {
    try {
      const result = await this.query.read();
      for (const subscriber of this.subscribers) subscriber.onResult(result);
    } catch (error) {
      if (error instanceof UnknownPinError) this.end();
      // While the storage is away, subscribers stay: when it is back, `signalsLost` has all results read again.
      else if (!isStorageAway(error)) logger.error(error);
    }
  }
}
