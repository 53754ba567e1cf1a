import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ClustersService } from '../clusters/clusters.service.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { KeyReader } from '../keys/key-reader.js';
import { WaitingService } from '../waiting/waiting.service.js';
import { EventStream } from './event-stream.js';
import { HEARTBEAT_MS, type StreamClient } from './server-sent-events.js';
import { type Reading, SnapshotQuery } from './snapshot-query.js';

/** A cluster that was read so that a client can watch it. */
export interface Watchable extends Reading {
  readonly query: SnapshotQuery;
}

/** Streams the changes of clusters to the clients that watch them, as server-sent events. */
@Injectable()
export class EventStreams {
  private readonly streams = new Set<EventStream>();

  constructor(
    private readonly clusters: ClustersService,
    private readonly keys: KeyReader,
    private readonly pins: PinResolver,
    private readonly waiting: WaitingService,
  ) {}

  /** Reads the state of a cluster. Fails with `UnknownPinError` and `storage-unavailable`. */
  async read(pin: string): Promise<Watchable> {
    const query = new SnapshotQuery(this.clusters, this.keys, await this.pins.resolve(pin));
    return { query, ...(await query.read()) };
  }

  /**
   * Sends the state, then each change, until the cluster ends or the client disconnects. When the request cannot
   * be held, or the service stops, the stream ends earlier, and the client reconnects later.
   */
  stream({ query, snapshot, expiresAt }: Watchable, client: StreamClient): void {
    const { response } = client;
    const stream = new EventStream(response, snapshot);
    if (!this.waiting.follow(query, stream, expiresAt, client)) {
      response.end();
      return;
    }
    this.streams.add(stream);
    response.once('close', () => this.streams.delete(stream));
  }

  @Interval(HEARTBEAT_MS)
  sendHeartbeats(): void {
    for (const stream of this.streams) stream.sendHeartbeat();
  }
}
