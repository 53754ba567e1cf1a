import type { ServerResponse } from 'node:http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MASTER_IP } from '../clusters/cluster.js';
import type { ClusterSeal } from '../clusters/cluster.seal.js';
import { ClusterSeals } from '../clusters/cluster.seals.js';
import { type Change, ClusterSignals, type SignalListener } from '../clusters/cluster.signals.js';
import { ClustersService } from '../clusters/clusters.service.js';
import { inBackground } from '../errors/in-background.js';
import { UnknownPinError } from '../errors/pairing-error.js';
import { type Held, HeldRequests } from '../held/held-requests.js';
import { leaveUntimed } from '../metrics/untimed.js';
import { KeysService } from '../keys/keys.service.js';
import { type ClusterEvent, ClusterSnapshot, eventsBetween } from './cluster-event.js';

/** Proxies close what is silent for longer; and signals may be lost, so all is looked at again. */
const HEARTBEAT_MS = 15_000;
/** When a client comes back whose stream has ended; drawn, so that they do not come in step. */
const RETRY_MS = { least: 2_000, most: 5_000 };

/** How a cluster is, and until when it can be watched. */
interface Seen {
  readonly seal: ClusterSeal;
  readonly snapshot: ClusterSnapshot;
  readonly expiresAt: number;
}

/** Who watches one cluster, which is looked at once for all of them. */
interface Room {
  readonly seal: ClusterSeal;
  readonly streams: Set<EventStream>;
  looking: boolean;
  /** It has changed while it was looked at. */
  again: boolean;
}

/** Tells who watches a cluster what happens to it, as server-sent events. */
@Injectable()
export class EventStreams implements SignalListener, OnApplicationShutdown {
  private readonly rooms = new Map<string, Room>();
  private readonly timer = setInterval(() => this.beat(), HEARTBEAT_MS).unref();

  constructor(
    private readonly clusters: ClustersService,
    private readonly keys: KeysService,
    private readonly seals: ClusterSeals,
    private readonly held: HeldRequests,
    signals: ClusterSignals,
  ) {
    signals.listen(this);
  }

  /** Looks at a cluster. Fails with `UnknownPinError`. */
  async look(pin: string): Promise<Seen> {
    return this.lookIn(await this.seals.of(pin));
  }

  /**
   * Goes on telling until the cluster ends or the client goes. When it cannot be held, or the service
   * stops, the stream ends before that, and the client comes back to see how things are.
   */
  stream(
    { seal, snapshot, expiresAt }: Seen,
    { address, response }: { address: string; response: ServerResponse },
  ): void {
    leaveUntimed(response);
    const { id } = seal;
    const stream = new EventStream(id, address, response, snapshot, () => this.held.isStopping);
    if (!this.held.hold(stream, expiresAt)) return stream.end();

    const room = this.rooms.get(id) ?? { seal, streams: new Set(), looking: false, again: false };
    this.rooms.set(id, room);
    room.streams.add(stream);
    response.once('close', () => {
      this.held.letGo(stream);
      room.streams.delete(stream);
      if (room.streams.size === 0 && this.rooms.get(id) === room) this.rooms.delete(id);
    });
    // Something may have happened since, when nobody listened for its signal.
    this.tellSoon(room);
  }

  changed(id: string, change: Change): void {
    const room = this.rooms.get(id);
    if (!room) return;
    if (change === 'end') endAll(room);
    else this.tellSoon(room);
  }

  missed(): void {
    for (const room of this.rooms.values()) this.tellSoon(room);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    for (const room of this.rooms.values()) {
      for (const stream of room.streams) stream.beat();
      this.tellSoon(room);
    }
  }

  private async lookIn(seal: ClusterSeal): Promise<Seen> {
    const cluster = await this.clusters.findById(seal.id);
    const isThere = cluster.keys.some(({ name }) => name === MASTER_IP);
    const found = isThere ? await this.keys.lookUpNow(seal, MASTER_IP) : undefined;
    return {
      seal,
      snapshot: new ClusterSnapshot(cluster, found?.key?.value),
      expiresAt: cluster.expiresAt,
    };
  }

  private tellSoon(room: Room): void {
    inBackground('Watching a cluster', this.tell(room));
  }

  private async tell(room: Room): Promise<void> {
    room.again = room.looking;
    if (room.looking) return;
    room.looking = true;
    do {
      room.again = false;
      try {
        const { snapshot } = await this.lookIn(room.seal);
        for (const stream of room.streams) stream.tell(snapshot);
      } catch (error) {
        if (error instanceof UnknownPinError) endAll(room);
        // Else the storage is gone: it is looked at when it is back.
      }
    } while (room.again);
    room.looking = false;
  }
}

/** One who watches. */
class EventStream implements Held {
  constructor(
    readonly clusterId: string,
    readonly address: string,
    private readonly response: ServerResponse,
    private told: ClusterSnapshot,
    private readonly isStopping: () => boolean,
  ) {
    const { least, most } = RETRY_MS;
    response.write(`retry: ${Math.round(least + Math.random() * (most - least))}\n`);
    this.send({ event: 'state', data: told });
  }

  tell(snapshot: ClusterSnapshot): void {
    for (const event of eventsBetween(this.told, snapshot)) this.send(event);
    this.told = snapshot;
  }

  /** A comment, which clients do not see. */
  beat(): void {
    this.response.write(':\n\n');
  }

  /** Its cluster has expired, or the service stops. */
  release(): void {
    if (this.isStopping()) this.end();
    else this.endWith('expired');
  }

  endWith(reason: 'ended' | 'expired'): void {
    this.send({ event: 'ended', data: { reason } });
    this.end();
  }

  end(): void {
    this.response.end();
  }

  private send({ event, data }: ClusterEvent): void {
    if (this.response.writableEnded) return;
    this.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

function endAll(room: Room): void {
  for (const stream of room.streams) stream.endWith('ended');
}
