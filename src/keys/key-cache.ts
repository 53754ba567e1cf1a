import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { ClusterSignals } from '../clusters/cluster.signals.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { boundedCache } from '../limits/bounded-cache.js';
import { problemOfName } from './key.js';
import { KeyReader, type KeyReading } from './key-reader.js';

/** A signal may be lost without notice, so nothing is kept for longer. */
const MAX_AGE_MS = 1_000;
/** How many clusters are remembered as live. A poll of one that is forgotten goes the general way. */
const MAX_KNOWN = 10_000;

interface Entry {
  readonly promise: Promise<KeyReading>;
  /** The result, once the promise is fulfilled. */
  reading: KeyReading | undefined;
}

/**
 * Readings of the last second, because many workers ask for the same key (ADR 11). Changes of keys are rare
 * compared to polls, so the signal of any of them empties the cache. Members change more often, and affect no key.
 */
@Injectable()
export class KeyCache {
  private readonly entries = new Map<string, Entry>();
  private emptiedAt = 0;
  /** When the clusters expire that were read last and have not ended, by id. */
  private readonly known = boundedCache<number>(MAX_KNOWN);

  constructor(
    private readonly reader: KeyReader,
    private readonly pins: PinResolver,
    private readonly clock: Clock,
    signals: ClusterSignals,
  ) {
    signals.listen({
      changed: (id, change) => {
        if (change === 'end' || change.startsWith('key:')) this.entries.clear();
        if (change === 'end') this.known.delete(id);
      },
      signalsLost: () => {
        this.entries.clear();
        this.known.clear();
      },
    });
  }

  /**
   * The reading of a key: the cached one if no change was signalled since, otherwise a new one. Fails as
   * `KeyReader` does; a failure is not cached. Await `ClusterSignals.delivered` first, so that the answer includes
   * each change whose signal arrived before the request.
   */
  get(pin: string, name: string): Promise<KeyReading> {
    return (this.entry(pin, name) ?? this.begin(pin, name)).promise;
  }

  /** The cached reading of a key, if its read has ended. To be called at the end of a turn, as `get` is. */
  peek(pin: string, name: string): KeyReading | undefined {
    return this.entry(pin, name)?.reading;
  }

  /**
   * Resolves to whether a read of this key is going on, and begins it if the key is not cached and its cluster is known
   * to be live. Of another cluster, or under a name that is not valid, it reads nothing: the general way counts the
   * request as a guess if there is no such cluster, and takes the same time for each PIN without one. Fails with
   * `storage-unavailable`.
   */
  async renew(pin: string, name: string): Promise<boolean> {
    if (problemOfName(name) !== undefined || this.peek(pin, name)) return false;
    const { id } = await this.pins.resolve(pin);
    const isLive = (this.known.get(id) ?? 0) > this.clock.now();
    if (isLive && !this.entry(pin, name)) this.begin(pin, name);
    return this.entry(pin, name) !== undefined;
  }

  /** Resolves when the read of a key that is going on has ended or failed; at once when there is none. */
  async whenRead(pin: string, name: string): Promise<void> {
    await Promise.allSettled([this.entry(pin, name)?.promise]);
  }

  private entry(pin: string, name: string): Entry | undefined {
    const now = this.clock.now();
    // `abs`, because the clock may be set back.
    if (Math.abs(now - this.emptiedAt) >= MAX_AGE_MS) {
      this.entries.clear();
      this.emptiedAt = now;
    }
    const cached = this.entries.get(idOf(pin, name));
    return cached && !hasExpired(cached, now) ? cached : undefined;
  }

  private begin(pin: string, name: string): Entry {
    const id = idOf(pin, name);
    const entry: Entry = { promise: this.reader.read(pin, name), reading: undefined };
    this.entries.set(id, entry);
    entry.promise.then(
      (reading) => {
        entry.reading = reading;
        // Otherwise its cluster may have ended meanwhile.
        if (this.entries.get(id) === entry) this.known.set(reading.cipher.id, reading.expiresAt);
      },
      () => this.entries.delete(id),
    );
    return entry;
  }
}

function idOf(pin: string, name: string): string {
  return `${pin} ${name}`;
}

/** Whether the cluster has expired since the reading. */
function hasExpired({ reading }: Entry, now: number): boolean {
  return reading !== undefined && reading.expiresAt <= now;
}
