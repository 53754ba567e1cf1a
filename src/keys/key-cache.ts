import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { ClusterSignals } from '../clusters/cluster.signals.js';
import { KeyReader, type KeyReading } from './key-reader.js';

/** A signal may be lost without notice, so nothing is kept for longer. */
const MAX_AGE_MS = 1_000;

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
  /** When the clusters expire whose keys were read since `emptiedAt`, and in the second before: by the id of the entry. */
  private readNow = new Map<string, number>();
  private readBefore = new Map<string, number>();

  constructor(
    private readonly reader: KeyReader,
    private readonly clock: Clock,
    signals: ClusterSignals,
  ) {
    signals.listen({
      changed: (_id, change) => {
        if (change === 'end') this.forget();
        else if (change.startsWith('key:')) this.entries.clear();
      },
      signalsLost: () => this.forget(),
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
   * Returns whether a read of this key is going on, and begins it if the key was read in the last two seconds, is not
   * cached, and its cluster is live. Of another key it reads nothing: the general way counts it as a guess if there is no
   * such cluster, and takes the same time for each PIN without one.
   */
  renew(pin: string, name: string): boolean {
    const entry = this.entry(pin, name);
    if (entry) return entry.reading === undefined;
    const id = idOf(pin, name);
    const expiresAt = this.readNow.get(id) ?? this.readBefore.get(id) ?? 0;
    if (expiresAt <= this.clock.now()) return false;
    this.begin(pin, name); // its failure is that of the polls that wait for it
    return true;
  }

  /** Resolves when the read of a key that is going on has ended or failed; at once when there is none. */
  async whenRead(pin: string, name: string): Promise<void> {
    await Promise.allSettled([this.entry(pin, name)?.promise]);
  }

  private forget(): void {
    this.entries.clear();
    this.readNow.clear();
    this.readBefore.clear();
  }

  private entry(pin: string, name: string): Entry | undefined {
    const now = this.clock.now();
    const age = Math.abs(now - this.emptiedAt); // the clock may be set back
    if (age >= MAX_AGE_MS) {
      this.entries.clear();
      this.emptiedAt = now;
      this.readBefore = age < 2 * MAX_AGE_MS ? this.readNow : new Map();
      this.readNow = new Map();
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
        if (this.entries.get(id) === entry) this.readNow.set(id, reading.expiresAt);
      },
      () => {
        this.entries.delete(id);
        this.readNow.delete(id);
        this.readBefore.delete(id);
      },
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
