import type { ServerResponse } from 'node:http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { ClusterSeal } from '../clusters/cluster.seal.js';
import { type Change, ClusterSignals, type SignalListener } from '../clusters/cluster.signals.js';
import { inBackground } from '../errors/in-background.js';
import { UnknownPinError } from '../errors/pairing-error.js';
import { type Held, HeldRequests } from '../held/held-requests.js';
import { leaveUntimed } from '../metrics/untimed.js';
import type { Key } from './key.js';
import { KeysService } from './keys.service.js';

/** Signals may be lost without a trace, so every key that is waited for is looked at this often. */
const LOOK_AGAIN_MS = 15_000;
const SWEEP_MS = 1_000;
/** Keys looked at together, so that what has piled up does not block those who ask now. */
const LOOKS_AT_ONCE = 200;
/** The last part of a wait, in which its end is drawn: who waited together shall not return in step. */
const JITTER = 0.04;

/** How a wait ended. */
export interface Waited {
  /** Undefined when the key did not come. */
  readonly key: Key | undefined;
  /** How long it might have lasted; or did, when the service stops. */
  readonly seconds: number;
}

/** A key that is waited for. Whoever waits for it is in one room, so it is looked at once for all. */
interface Room {
  readonly seal: ClusterSeal;
  readonly name: string;
  readonly waiters: Set<Waiter>;
  lookAt: number;
  looking: boolean;
  /** It has changed while it was looked at. */
  again: boolean;
}

/** Holds requests for keys that are not there yet. */
@Injectable()
export class KeyWaits implements SignalListener, OnApplicationShutdown {
  /** In the order in which they are to be looked at again. */
  private readonly rooms = new Map<string, Room>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly keys: KeysService,
    private readonly held: HeldRequests,
    private readonly clock: Clock,
    signals: ClusterSignals,
  ) {
    signals.listen(this);
    this.timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /**
   * Waits until a key that was missing comes, its cluster ends, so many seconds have passed, or the
   * client has gone. Undefined at once when this one cannot be held.
   */
  wait(
    { seal, name, expiresAt }: { seal: ClusterSeal; name: string; expiresAt: number },
    seconds: number,
    { address, response }: { address: string; response: ServerResponse },
  ): Promise<Waited> | undefined {
    const place = placeOf(seal.id, name);
    const known = this.rooms.get(place);
    const room = known ?? this.newRoom(seal, name);
    const waiter = new Waiter(this, room, address, seconds, this.clock.now());
    const until = this.clock.now() + seconds * 1_000 * (1 - JITTER * Math.random());
    if (!this.held.hold(waiter, Math.min(until, expiresAt))) return undefined;

    room.waiters.add(waiter);
    leaveUntimed(response);
    response.once('close', () => waiter.release());
    if (!known) {
      // It may have come since it was found missing, when nobody listened for its signal.
      this.rooms.set(place, room);
      this.lookSoon([room]);
    }
    return waiter.waited;
  }

  changed(id: string, change: Change): void {
    if (change.startsWith('key:')) {
      const room = this.rooms.get(placeOf(id, change.slice('key:'.length)));
      if (room) this.lookSoon([room]);
    } else if (change === 'end') {
      for (const room of this.rooms.values()) if (room.seal.id === id) this.clear(room, undefined);
    }
  }

  missed(): void {
    this.lookSoon([...this.rooms.values()]);
  }

  /** A waiter is answered, or has gone. */
  leave(waiter: Waiter, room: Room): void {
    this.held.letGo(waiter);
    room.waiters.delete(waiter);
    const place = placeOf(room.seal.id, room.name);
    if (room.waiters.size === 0 && this.rooms.get(place) === room) this.rooms.delete(place);
  }

  /** How long a wait has lasted, if it ends because the service stops. */
  lasted(seconds: number, since: number): number {
    if (!this.held.isStopping) return seconds;
    return Math.min(seconds, Math.floor((this.clock.now() - since) / 1_000));
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private newRoom(seal: ClusterSeal, name: string): Room {
    const lookAt = this.clock.now() + LOOK_AGAIN_MS;
    return { seal, name, waiters: new Set(), lookAt, looking: false, again: false };
  }

  private sweep(): void {
    const now = this.clock.now();
    const due: Room[] = [];
    for (const [place, room] of this.rooms) {
      if (room.lookAt > now) break;
      due.push(room);
      room.lookAt = now + LOOK_AGAIN_MS;
      this.rooms.delete(place);
      this.rooms.set(place, room);
    }
    this.lookSoon(due);
  }

  private lookSoon(rooms: Room[]): void {
    inBackground('Looking for a key', this.lookAt(rooms));
  }

  private async lookAt(rooms: Room[]): Promise<void> {
    for (let at = 0; at < rooms.length; at += LOOKS_AT_ONCE) {
      await Promise.all(rooms.slice(at, at + LOOKS_AT_ONCE).map((room) => this.look(room)));
    }
  }

  private async look(room: Room): Promise<void> {
    room.again = room.looking;
    if (room.looking) return;
    room.looking = true;
    do {
      room.again = false;
      try {
        const { key } = await this.keys.lookUpNow(room.seal, room.name);
        if (key) this.clear(room, key);
      } catch (error) {
        if (error instanceof UnknownPinError) this.clear(room, undefined);
        // A storage that is gone is no reason to give up: it is looked at again when it is back.
      }
    } while (room.again);
    room.looking = false;
  }

  private clear(room: Room, key: Key | undefined): void {
    for (const waiter of room.waiters) waiter.release(key);
  }
}

/** One who waits. */
class Waiter implements Held {
  readonly waited: Promise<Waited>;
  private end!: (waited: Waited) => void;

  constructor(
    private readonly waits: KeyWaits,
    private readonly room: Room,
    readonly address: string,
    private readonly seconds: number,
    private readonly since: number,
  ) {
    this.waited = new Promise((resolve) => (this.end = resolve));
  }

  get clusterId(): string {
    return this.room.seal.id;
  }

  release(key?: Key): void {
    this.waits.leave(this, this.room);
    this.end({ key, seconds: key ? this.seconds : this.waits.lasted(this.seconds, this.since) });
  }
}

function placeOf(id: string, name: string): string {
  return `${id} ${name}`;
}
