import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock/clock.js';
import { type ClusterSeal, deriveSeal } from './cluster.seal.js';
import type { ClusterSignals } from './cluster.signals.js';
import type { ClusterStore } from './cluster.store.js';

const MOST_KEPT = 10_000;

/** A seal that was derived, and until when its cluster lives; milliseconds since the epoch. */
interface Kept {
  readonly seal: ClusterSeal;
  readonly expiresAt: number;
}

/** What is secret of the server: the other one is there while `PIN_SECRET` is changed. */
export interface PinSecrets {
  readonly pinSecret: string;
  readonly previousPinSecret: string | undefined;
}

/**
 * Finds what a PIN opens. While `PIN_SECRET` is changed, a cluster may have been issued under the previous
 * secret, and is where that leads.
 *
 * A seal is kept as long as its cluster lives, and no longer: what costs a derivation for a PIN that never was
 * costs one for a PIN that has ended, so the time of an answer does not tell them apart.
 */
export class ClusterSeals {
  private readonly kept = new LRUCache<string, Kept>({ max: MOST_KEPT });

  constructor(
    private readonly secrets: PinSecrets,
    private readonly store: ClusterStore,
    private readonly clock: Clock,
    signals: ClusterSignals,
  ) {
    signals.listen({
      changed: (id, change) => {
        if (change === 'end') this.forgetCluster(id);
      },
      missed: () => this.kept.clear(),
    });
  }

  /** The seal of a PIN that is being issued. */
  ofNew(pin: string): ClusterSeal {
    return deriveSeal(pin, this.secrets.pinSecret);
  }

  /** The seal of the cluster that has this PIN, if there is one. Fails with `storage-unavailable`. */
  async of(pin: string): Promise<ClusterSeal> {
    return this.keptOf(pin) ?? (await this.ofPrevious(pin)) ?? this.ofNew(pin);
  }

  /** The ids that the cluster of this PIN may be stored under, without asking whether it is. */
  idsOf(pin: string): string[] {
    const kept = this.keptOf(pin);
    if (kept) return [kept.id];
    const { pinSecret, previousPinSecret } = this.secrets;
    const secrets = [pinSecret, previousPinSecret].filter((secret) => secret !== undefined);
    return secrets.map((secret) => deriveSeal(pin, secret).id);
  }

  /** Keeps the seal of a cluster that lives: one that boots asks for it thousands of times. */
  keep(pin: string, seal: ClusterSeal, expiresAt: number): void {
    if (this.kept.get(pin)?.seal !== seal) this.kept.set(pin, { seal, expiresAt });
  }

  /** To be told that a PIN has no cluster, whose end may not have been heard of. */
  forget(pin: string): void {
    if (this.keptOf(pin)) this.kept.delete(pin); // one that has expired is passed over as it is
  }

  private keptOf(pin: string): ClusterSeal | undefined {
    const kept = this.kept.peek(pin); // `keep` says that it is in use
    return kept && kept.expiresAt > this.clock.now() ? kept.seal : undefined;
  }

  private async ofPrevious(pin: string): Promise<ClusterSeal | undefined> {
    const { previousPinSecret } = this.secrets;
    if (previousPinSecret === undefined) return undefined;
    const seal = deriveSeal(pin, previousPinSecret);
    return (await this.store.find(seal.id)) && seal;
  }

  /** Few clusters are ended before they expire, so they may be looked for. */
  private forgetCluster(id: string): void {
    for (const [pin, { seal }] of this.kept) if (seal.id === id) this.kept.delete(pin);
  }
}
