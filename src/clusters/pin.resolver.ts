import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { boundedCache } from '../limits/bounded-cache.js';
import { type ClusterCipher, deriveCipher } from './cluster.cipher.js';
import { ClusterSignals } from './cluster.signals.js';
import { ClusterStore } from './cluster.store.js';

const MAX_AGE_MS = 1_000;
const MAX_CACHED = 2_000;

/**
 * Finds the cipher of a PIN. While `PIN_SECRET` is being changed, a cluster may have been issued under the
 * previous secret.
 *
 * Deriving a cipher takes 10 µs, so it is kept for a second, because the machines of a cluster come together. That holds for
 * any PIN, whether it exists or not, and is forgotten when a cluster ends. So the time of an answer does not tell whether a
 * PIN was ever issued (ADR 3).
 */
@Injectable()
export class PinResolver {
  private readonly recent = boundedCache<ClusterCipher>(MAX_CACHED);

  constructor(
    private readonly settings: Settings,
    private readonly store: ClusterStore,
    signals: ClusterSignals,
  ) {
    signals.listen({
      changed: (_id, change) => {
        if (change === 'end') this.recent.clear();
      },
      signalsLost: () => this.recent.clear(),
    });
  }

  /** The cipher of a PIN that is being issued. */
  cipherOfNew(pin: string): ClusterCipher {
    return deriveCipher(pin, this.settings.pinSecret);
  }

  /** The cipher of the cluster with this PIN, if there is one. Fails with `storage-unavailable`. */
  async resolve(pin: string): Promise<ClusterCipher> {
    const known = this.recent.get(pin);
    if (known) return known;
    const cipher = (await this.cipherOfPrevious(pin)) ?? this.cipherOfNew(pin);
    if (this.recent.size === 0) setTimeout(() => this.recent.clear(), MAX_AGE_MS).unref();
    this.recent.set(pin, cipher);
    return cipher;
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
