import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import { ClusterSignals } from '../clusters/cluster.signals.js';
import { ClusterStore, type MemberCounts } from '../clusters/cluster.store.js';
import { UnknownPinError } from '../errors/pairing-error.js';
import { boundedCache } from '../limits/bounded-cache.js';
import type { Member } from './member.js';
import { MemberList } from './member-list.js';
import { openMember } from './sealed-member.js';

/** How many members the cached lists have together: some tens of megabytes with their bodies. */
const MAX_CACHED_MEMBERS = 20_000;

/**
 * How many times as long as a read took it is waited until the next one of the same cluster, so that one long list leaves
 * the process time for all other clusters. A read that takes no longer than `SHORT_READ_MS` may be followed at once.
 */
const REST = 4;
const SHORT_READ_MS = 10;
const MAX_REST_MS = 1_000;
const MAX_RESTING = 10_000;

/** A list, with what each of its members was decrypted from, by handle. */
interface CachedList {
  readonly list: MemberList;
  readonly opened: ReadonlyMap<string, Opened>;
}

interface Opened {
  readonly sealed: string;
  readonly member: Member;
}

/**
 * Reads and decrypts the members of clusters. A list is kept until the revision of its cluster has changed, and read and
 * decrypted once for all that ask for it; then only members that have changed are decrypted again.
 */
@Injectable()
export class MemberReader {
  private readonly cache = new LRUCache<string, CachedList>({
    maxSize: MAX_CACHED_MEMBERS,
    sizeCalculation: ({ opened }) => opened.size + 1,
  });
  private readonly reading = new Map<string, Promise<MemberList>>();
  /** Until when clusters with a long list are not read again, by `performance.now()`. */
  private readonly restingUntil = boundedCache<number>(MAX_RESTING);

  constructor(
    private readonly store: ClusterStore,
    signals: ClusterSignals,
  ) {
    signals.listen({
      changed: (id, change) => {
        if (change === 'end') this.cache.delete(id);
      },
      signalsLost: () => undefined, // a list that is never asked for again makes room in the end
    });
  }

  /** The members in numbers, from the store. Fails with `UnknownPinError` and `storage-unavailable`, as `list` does. */
  async counts({ id }: ClusterCipher): Promise<MemberCounts> {
    const counts = await this.store.memberCounts(id);
    if (!counts) throw new UnknownPinError();
    return counts;
  }

  /** The members as they are now. */
  async list(cipher: ClusterCipher): Promise<MemberList> {
    return this.listOf(cipher, await this.counts(cipher));
  }

  /** The members as they were when they had this revision, or later. */
  async listOf(cipher: ClusterCipher, { revision }: MemberCounts): Promise<MemberList> {
    const cached = this.cache.get(cipher.id);
    if (cached && cached.list.revision >= revision) return cached.list;
    // A read that has begun may be too early.
    const begun = await this.reading.get(cipher.id);
    if (begun && begun.revision >= revision) return begun;
    return this.share(cipher);
  }

  private share(cipher: ClusterCipher): Promise<MemberList> {
    const { id } = cipher;
    const begun = this.reading.get(id);
    if (begun) return begun; // by another that waited for the same read that was too early
    const reading = this.read(cipher).finally(() => this.reading.delete(id));
    this.reading.set(id, reading);
    return reading;
  }

  private async read(cipher: ClusterCipher): Promise<MemberList> {
    const { id } = cipher;
    const rest = (this.restingUntil.get(id) ?? 0) - performance.now();
    if (rest > 0) await delay(rest, undefined, { ref: false });
    const start = performance.now();
    const list = await this.readNow(cipher);
    const took = performance.now() - start;
    if (took > SHORT_READ_MS) {
      this.restingUntil.set(id, start + took + Math.min(REST * took, MAX_REST_MS));
    }
    return list;
  }

  private async readNow(cipher: ClusterCipher): Promise<MemberList> {
    const { id } = cipher;
    const reading = await this.store.members(id);
    if (!reading) throw new UnknownPinError();
    const before = this.cache.get(id)?.opened;
    const opened = new Map<string, Opened>();
    for (const stored of reading.members) {
      const { handle, sealed } = stored;
      const known = before?.get(handle);
      const isKnown = known !== undefined && known.sealed === sealed;
      opened.set(handle, isKnown ? known : { sealed, member: openMember(cipher, stored).member });
    }
    const list = new MemberList(
      id,
      reading,
      [...opened.values()].map(({ member }) => member),
    );
    this.cache.set(id, { list, opened });
    return list;
  }
}
