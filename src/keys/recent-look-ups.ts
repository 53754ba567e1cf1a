import { setImmediate as endOfTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { ClusterSeal } from '../clusters/cluster.seal.js';
import { ClusterSignals } from '../clusters/cluster.signals.js';
import type { Key } from './key.js';

/** What was found under a name, in the cluster that has this seal and lives so long. */
export interface LookUp {
  readonly seal: ClusterSeal;
  readonly key: Key | undefined;
  readonly expiresAt: number;
}

/** Signals may be lost without a trace, so nothing is kept for longer. */
const KEPT_MS = 1_000;

/**
 * What was looked up of late, for those who ask the same again: workers boot together (ADR 11). Changes are
 * few beside polls, so a signal of any forgets it all.
 */
@Injectable()
export class RecentLookUps {
  private readonly kept = new Map<string, Promise<LookUp>>();
  private keptSince = 0;
  private ending: Promise<void> | undefined;

  constructor(
    private readonly clock: Clock,
    signals: ClusterSignals,
  ) {
    signals.listen({
      changed: (_id, change) => {
        if (change !== 'fetches') this.kept.clear();
      },
      missed: () => this.kept.clear(),
    });
  }

  /** What was found there of late, or else what `look` finds now. Fails as that does; no failure is kept. */
  async get(place: string, look: () => Promise<LookUp>): Promise<LookUp> {
    // What has reached this process before the question is heard before the answer.
    if (this.find(place)) await this.turn();
    const kept = this.find(place);
    if (kept) {
      const found = await kept;
      if (found.expiresAt > this.clock.now()) return found;
    }
    return this.keep(place, look());
  }

  private find(place: string): Promise<LookUp> | undefined {
    const now = this.clock.now();
    // A clock may be set back, too.
    if (Math.abs(now - this.keptSince) >= KEPT_MS) {
      this.kept.clear();
      this.keptSince = now;
    }
    return this.kept.get(place);
  }

  private keep(place: string, found: Promise<LookUp>): Promise<LookUp> {
    this.kept.set(place, found);
    found.catch(() => this.kept.delete(place));
    return found;
  }

  /** The end of this turn of the event loop, by when all that had arrived is dealt with. */
  private turn(): Promise<void> {
    return (this.ending ??= endOfTurn().then(() => {
      this.ending = undefined;
    }));
  }
}
