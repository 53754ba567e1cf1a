import type { ServerResponse } from 'node:http';
import type { EndReason, Receiver } from '../waiting/held-query.js';
import { type ClusterEvent, type ClusterSnapshot, eventsBetween } from './cluster-event.js';
import type { Reading } from './snapshot-query.js';

/** When a client comes back whose stream has ended; drawn at random, so that they do not come together. */
const RETRY_MS = { min: 2_000, max: 5_000 };

/** One client that watches a cluster. Its response carries server-sent events. */
export class EventStream implements Receiver<Reading> {
  /** The last heartbeat has left for the client. */
  private drained = true;

  constructor(
    private readonly response: ServerResponse,
    private last: ClusterSnapshot,
  ) {
    const { min, max } = RETRY_MS;
    response.write(`retry: ${Math.round(min + Math.random() * (max - min))}\n`);
    this.send({ event: 'state', data: last });
  }

  onResult({ snapshot }: Reading): boolean {
    for (const event of eventsBetween(this.last, snapshot)) this.send(event);
    this.last = snapshot;
    return true;
  }

  /** When the service stops the stream ends without `ended`, and the client asks another replica. */
  onEnd(reason: EndReason): void {
    if (reason === 'cluster-ended') this.send({ event: 'ended', data: { reason: 'ended' } });
    if (reason === 'deadline') this.send({ event: 'ended', data: { reason: 'expired' } });
    this.response.end();
  }

  /** Sends a comment, which clients ignore. A client that has not read the one before is cut off. */
  sendHeartbeat(): void {
    if (!this.drained) {
      this.response.destroy();
      return;
    }
    this.drained = false;
    this.response.write(':\n\n', () => (this.drained = true));
  }

  private send({ event, data }: ClusterEvent): void {
    this.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
