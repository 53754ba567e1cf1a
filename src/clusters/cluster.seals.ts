import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { type ClusterSeal, deriveSeal } from './cluster.seal.js';
import { ClusterStore } from './cluster.store.js';

/**
 * Finds what a PIN opens. While `PIN_SECRET` is changed, a cluster may have been issued under the previous
 * secret, and is where that leads.
 *
 * Each seal is derived anew: what a PIN costs that never was, one costs that has ended, so the time of an answer
 * does not tell them apart.
 */
@Injectable()
export class ClusterSeals {
  constructor(
    private readonly settings: Settings,
    private readonly store: ClusterStore,
  ) {}

  /** The seal of a PIN that is being issued. */
  ofNew(pin: string): ClusterSeal {
    return deriveSeal(pin, this.settings.pinSecret);
  }

  /** The seal of the cluster that has this PIN, if there is one. Fails with `storage-unavailable`. */
  async of(pin: string): Promise<ClusterSeal> {
    return (await this.ofPrevious(pin)) ?? this.ofNew(pin);
  }

  /** The ids that the cluster of this PIN may be stored under, without asking whether it is. */
  idsOf(pin: string): string[] {
    const { pinSecret, previousPinSecret } = this.settings;
    const secrets = [pinSecret, previousPinSecret].filter((secret) => secret !== undefined);
    return secrets.map((secret) => deriveSeal(pin, secret).id);
  }

  private async ofPrevious(pin: string): Promise<ClusterSeal | undefined> {
    const { previousPinSecret } = this.settings;
    if (previousPinSecret === undefined) return undefined;
    const seal = deriveSeal(pin, previousPinSecret);
    return (await this.store.find(seal.id)) && seal;
  }
}
