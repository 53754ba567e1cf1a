import type { ServerResponse } from 'node:http';
import type { EndReason, Receiver } from '../waiting/held-query.js';
import { type ClusterEvent, type ClusterSnapshot, eventsBetween } from './cluster-event.js';
import { ServerSentEvents } from './server-sent-events.js';
import type { Reading } from './snapshot-query.js';

/** The stream of events to one client that watches a cluster. */
export class EventStream implements Receiver<Reading> {
  private readonly events: ServerSentEvents;

  constructor(
    response: ServerResponse,
    private last: ClusterSnapshot,
  ) {
    this.events = new ServerSentEvents(response);
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
    this.events.end();
  }

  sendHeartbeat(): void {
    this.events.sendHeartbeat();
  }

  private send({ event, data }: ClusterEvent): void {
    this.events.send(event, JSON.stringify(data));
  }
}
