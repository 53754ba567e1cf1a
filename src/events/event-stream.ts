import type { ServerResponse } from 'node:http';
import type { EndReason, Receiver } from '../waiting/held-query.js';
import { type ClusterEvent, type ClusterSnapshot, eventsBetween } from './cluster-event.js';
import type { Reading } from './snapshot-query.js';

/** After what time a client reconnects. It is random, so that clients do not all reconnect at once. */
const RETRY_MS = { min: 2_000, max: 5_000 };

/** The stream of server-sent events to one client that watches a cluster. */
export class EventStream implements Receiver<Reading> {
  /** Whether the last heartbeat has been written to the socket. */
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

  /** When the service stops, the stream ends without `ended`, so that the client reconnects to another replica. */
  onEnd(reason: EndReason): void {
    if (reason === 'cluster-ended') this.send({ event: 'ended', data: { reason: 'ended' } });
    if (reason === 'deadline') this.send({ event: 'ended', data: { reason: 'expired' } });
    this.response.end();
  }

  /** Sends a comment, which clients ignore. Disconnects a client that has not read the previous one. */
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
