import { Logger } from '@nestjs/common';
import { PairingError, UnknownPinError } from '../errors/pairing-error.js';
import type { Query } from './query.js';

/** Receives what is read for a query. */
export interface Subscriber<T> {
  /** Called with each result. It is not compared with the one before. */
  onResult(result: T): void;
  /** Called when the cluster has ended: no result follows. */
  onClusterEnd(): void;
}

const logger = new Logger('Subscription');

/** All subscribers of one query: the result is read once for all of them. */
export class Subscription<T> {
  readonly subscribers = new Set<Subscriber<T>>();
  private reading = false;
  /** A change came while the result was read, so that it may be out of date. */
  private dirty = false;

  constructor(
    readonly query: Query<T>,
    /** When the result has to be read again, even without a signal; milliseconds since the epoch. */
    public nextReadAt: number,
  ) {}

  /** Reads the result and hands it out. When a read is under way already, it is repeated after that. */
  async refresh(): Promise<void> {
    this.dirty = true;
    if (this.reading) return;
    this.reading = true;
    while (this.dirty) {
      this.dirty = false;
      await this.read();
    }
    this.reading = false;
  }

  end(): void {
    for (const subscriber of this.subscribers) subscriber.onClusterEnd();
  }

  private async read(): Promise<void> {
    try {
      const result = await this.query.read();
      for (const subscriber of this.subscribers) subscriber.onResult(result);
    } catch (error) {
      if (error instanceof UnknownPinError) this.end();
      else if (!isStorageAway(error)) logger.error(error);
    }
  }
}

/** Subscribers stay: when the storage is back, `signalsLost` is signalled, and all is read again. */
function isStorageAway(error: unknown): boolean {
  return error instanceof PairingError && error.code === 'storage-unavailable';
}
