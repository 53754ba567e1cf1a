import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { type ClusterCipher, deriveCipher } from './cluster.cipher.js';
import { ClusterStore } from './cluster.store.js';

/**
 * Finds the cipher of a PIN. While `PIN_SECRET` is being changed, a cluster may have been issued under the
 * previous secret.
 *
 * A cipher is derived anew for each request and never cached. So the time of an answer does not tell whether a
 * PIN was ever issued.
 */
@Injectable()
export class PinResolver {
  constructor(
    private readonly settings: Settings,
    private readonly store: ClusterStore,
  ) {}

  /** The cipher of a PIN that is being issued. */
  cipherOfNew(pin: string): ClusterCipher {
    return deriveCipher(pin, this.settings.pinSecret);
  }

  /** The cipher of the cluster with this PIN, if there is one. Fails with `storage-unavailable`. */
  async resolve(pin: string): Promise<ClusterCipher> {
    return (await this.cipherOfPrevious(pin)) ?? this.cipherOfNew(pin);
  }

  /** The ids under which the cluster of this PIN may be stored. Does not read the store. */
  possibleIds(pin: string): string[] {
    const { pinSecret, previousPinSecret } = this.settings;
    const secrets = [pinSecret, previousPinSecret].filter((secret) => secret !== undefined);
    return secrets.map((secret) => deriveCipher(pin, secret).id);
  }

  private async cipherOfPrevious(pin: string): Promise<ClusterCipher | undefined> {
    const { previousPinSecret } = this.settings;
    if (previousPinSecret === undefined) return undefined;
    const cipher = deriveCipher(pin, previousPinSecret);
    return (await this.store.find(cipher.id)) && cipher;
  }
}
