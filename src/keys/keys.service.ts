import { Injectable } from '@nestjs/common';
import { MASTER_IP } from '../clusters/cluster.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { PairingError, UnknownPinError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import { Metrics } from '../metrics/metrics.js';
import { type KeyValue, problemOfKey } from './key.js';
import { decryptValue, encryptValue } from './stored-value.js';

/** Lists and writes the keys of a cluster, for anybody who knows its PIN. */
@Injectable()
export class KeysService {
  constructor(
    private readonly store: ClusterStore,
    private readonly pins: PinResolver,
    private readonly audit: AuditLog,
    private readonly metrics: Metrics,
  ) {}

  /** All keys in order of creation. Fails with `UnknownPinError`, as does all that follows. */
  async list(pin: string): Promise<KeyValue[]> {
    const cipher = await this.pins.resolve(pin);
    const keys = await this.store.keys(cipher.id);
    if (!keys) throw new UnknownPinError();
    return keys.map((key) => ({ name: key.name, value: decryptValue(cipher, key).value }));
  }

  /**
   * Adds a key for the client at `address`. The first writer wins. The same again from the same client
   * is a retry whose first answer was lost, and succeeds as a replay; anything else is `key-exists`.
   */
  async add(pin: string, key: KeyValue, address: string): Promise<{ replayed: boolean }> {
    assertSuitable(key);
    const cipher = await this.pins.resolve(pin);
    const added = await this.store.add(cipher.id, encryptValue(cipher, key, address));
    switch (added.outcome) {
      case 'added':
        return { replayed: false };
      case 'no-cluster':
        throw new UnknownPinError();
      case 'full':
        throw new PairingError('cluster-full');
      case 'exists': {
        const first = decryptValue(cipher, { name: key.name, sealed: added.sealed });
        if (first.value === key.value && first.address === address) return { replayed: true };
        if (key.name === MASTER_IP) {
          this.audit.write({ event: 'second_master', id: cipher.id, address });
          this.metrics.secondMaster();
          await this.store.countSecondMaster(cipher.id);
        }
        throw new PairingError('key-exists');
      }
    }
  }

  /**
   * Changes the value or the name of a key, or both, and gives what it is now. Fails with `not-found`,
   * and with `key-exists` when another key has the new name.
   */
  async change(
    pin: string,
    name: string,
    change: Partial<KeyValue>,
    address: string,
  ): Promise<KeyValue> {
    const cipher = await this.pins.resolve(pin);
    for (;;) {
      const found = await this.store.key(cipher.id, name);
      if (!found) throw new UnknownPinError();
      const { sealed } = found;
      if (sealed === undefined) throw new PairingError('not-found');
      const key = {
        name: change.name ?? name,
        value: change.value ?? decryptValue(cipher, { name, sealed }).value,
      };
      assertSuitable(key);
      switch (
        await this.store.replace(cipher.id, name, sealed, encryptValue(cipher, key, address))
      ) {
        case 'replaced':
          return key;
        case 'missing':
          throw new PairingError('not-found');
        case 'taken':
          throw new PairingError('key-exists');
        case 'changed': // by another client meanwhile: read again
      }
    }
  }

  /** Removes a key. Fails with `not-found`. */
  async remove(pin: string, name: string): Promise<void> {
    const { id } = await this.pins.resolve(pin);
    const removed = await this.store.remove(id, name);
    if (removed === undefined) throw new UnknownPinError();
    if (!removed) throw new PairingError('not-found');
  }
}

function assertSuitable(key: KeyValue): void {
  const problem = problemOfKey(key);
  if (problem) throw new PairingError('invalid-body', { fields: { value: [problem] } });
}
