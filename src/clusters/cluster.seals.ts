import { LRUCache } from 'lru-cache';
import { UnknownPinError } from '../errors/pairing-error.js';
import { type ClusterSeal, deriveSeal } from './cluster.seal.js';
import type { ClusterStore } from './cluster.store.js';

const MOST_KEPT = 10_000;

/** A seal that was derived, because a booting cluster asks for it thousands of times. */
interface Kept {
  readonly seal: ClusterSeal;
  /** It has been asked for since. */
  again: boolean;
}

/**
 * Finds what a PIN opens. While `PIN_SECRET` is changed, a cluster may have been issued under the previous
 * secret, and is where that leads.
 */
export class ClusterSeals {
  private readonly kept = new LRUCache<string, Kept>({ max: MOST_KEPT });

  constructor(
    private readonly store: ClusterStore,
    private readonly secret: string,
    private readonly previousSecret?: string,
  ) {}

  /** The seal of a PIN that is being issued. */
  ofNew(pin: string): ClusterSeal {
    return deriveSeal(pin, this.secret);
  }

  /** The seal of the cluster that has this PIN, if there is one. Fails with `storage-unavailable`. */
  async of(pin: string): Promise<ClusterSeal> {
    const kept = this.kept.get(pin);
    if (kept) {
      kept.again = true;
      return kept.seal;
    }
    const seal = (await this.ofPrevious(pin)) ?? this.ofNew(pin);
    this.kept.set(pin, { seal, again: false });
    return seal;
  }

  /** The ids that the cluster of this PIN may be stored under, without asking whether it is. */
  idsOf(pin: string): string[] {
    const kept = this.kept.get(pin);
    if (kept) return [kept.seal.id];
    const secrets = [this.secret, this.previousSecret].filter((secret) => secret !== undefined);
    return secrets.map((secret) => deriveSeal(pin, secret).id);
  }

  /**
   * What is to be thrown when there is no such cluster. Nothing is kept of the PIN, and to ask for it costs one
   * derivation, no more and no less: else the time would tell whether it was ever issued.
   */
  unknown(pin: string): UnknownPinError {
    if (this.kept.get(pin)?.again) this.ofNew(pin);
    this.kept.delete(pin);
    return new UnknownPinError();
  }

  private async ofPrevious(pin: string): Promise<ClusterSeal | undefined> {
    if (this.previousSecret === undefined) return undefined;
    const seal = deriveSeal(pin, this.previousSecret);
    return (await this.store.find(seal.id)) && seal;
  }
}
