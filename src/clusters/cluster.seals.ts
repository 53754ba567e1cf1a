import { type ClusterSeal, deriveSeal } from './cluster.seal.js';
import type { ClusterStore } from './cluster.store.js';

/** What is secret of the server: the other one is there while `PIN_SECRET` is changed. */
export interface PinSecrets {
  readonly pinSecret: string;
  readonly previousPinSecret: string | undefined;
}

/**
 * Finds what a PIN opens. While `PIN_SECRET` is changed, a cluster may have been issued under the previous
 * secret, and is where that leads.
 *
 * Each seal is derived anew: what a PIN costs that never was, one costs that has ended, so the time of an answer
 * does not tell them apart.
 */
export class ClusterSeals {
  constructor(
    private readonly secrets: PinSecrets,
    private readonly store: ClusterStore,
  ) {}

  /** The seal of a PIN that is being issued. */
  ofNew(pin: string): ClusterSeal {
    return deriveSeal(pin, this.secrets.pinSecret);
  }

  /** The seal of the cluster that has this PIN, if there is one. Fails with `storage-unavailable`. */
  async of(pin: string): Promise<ClusterSeal> {
    return (await this.ofPrevious(pin)) ?? this.ofNew(pin);
  }

  /** The ids that the cluster of this PIN may be stored under, without asking whether it is. */
  idsOf(pin: string): string[] {
    const { pinSecret, previousPinSecret } = this.secrets;
    const secrets = [pinSecret, previousPinSecret].filter((secret) => secret !== undefined);
    return secrets.map((secret) => deriveSeal(pin, secret).id);
  }

  private async ofPrevious(pin: string): Promise<ClusterSeal | undefined> {
    const { previousPinSecret } = this.secrets;
    if (previousPinSecret === undefined) return undefined;
    const seal = deriveSeal(pin, previousPinSecret);
    return (await this.store.find(seal.id)) && seal;
  }
}
