import { Injectable } from '@nestjs/common';
import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import { isMasterKey, MASTER_FAILED, MASTER_IP } from '../clusters/cluster.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { PairingError, UnknownPinError } from '../errors/pairing-error.js';
import type { Author } from './author.js';
import { type KeyValue, problemOfKey, trimAddress } from './key.js';
import { MasterChanges } from './master-changes.js';
import { decryptValue, encryptValue } from './stored-value.js';

/** A key as it was stored, and whether it had been stored before. */
export interface AddedKey {
  readonly key: KeyValue;
  readonly replayed: boolean;
}

/** Lists and writes the keys of a cluster, for clients that know its PIN. */
@Injectable()
export class KeysService {
  constructor(
    private readonly store: ClusterStore,
    private readonly pins: PinResolver,
    private readonly masters: MasterChanges,
  ) {}

  /** All keys in order of creation. Fails with `UnknownPinError`, as all methods do. */
  async list(pin: string): Promise<KeyValue[]> {
    const cipher = await this.pins.resolve(pin);
    const keys = await this.store.keys(cipher.id);
    if (!keys) throw new UnknownPinError();
    return keys.map((key) => ({ name: key.name, value: decryptValue(cipher, key).value }));
  }

  /**
   * Adds a key for the client at `address`. The first writer wins. If the same client sends the same key and value
   * again, the first answer was lost: it succeeds as a replay. Otherwise fails with `key-exists` when the key exists,
   * with `cluster-full`, and with `invalid-body`.
   */
  async add(pin: string, given: KeyValue, address: string): Promise<AddedKey> {
    const key = validated(given);
    const cipher = await this.pins.resolve(pin);
    const added = await this.store.add(cipher.id, encryptValue(cipher, key, address));
    switch (added.outcome) {
      case 'added':
        if (key.name === MASTER_FAILED) this.masters.failed(cipher.id, address);
        this.reportReturn(cipher, added.firstMaster, address);
        return { key, replayed: false };
      case 'no-cluster':
        throw new UnknownPinError();
      case 'full':
        throw new PairingError('cluster-full');
      case 'exists': {
        const first = decryptValue(cipher, { name: key.name, sealed: added.sealed });
        if (first.value === key.value && first.address === address) return { key, replayed: true };
        if (key.name === MASTER_IP) await this.refuseMaster(cipher, added.firstMaster, address);
        throw new PairingError('key-exists');
      }
    }
  }

  /**
   * Changes the value or the name of a key, or both, and returns the key. A change to the same name and value does
   * not change who wrote it. Fails with `not-found`, with `key-exists` when another key has the new name, with
   * `master-locked`, and with `invalid-body`.
   */
  async change(
    pin: string,
    name: string,
    change: Partial<KeyValue>,
    author: Author,
  ): Promise<KeyValue> {
    const { address } = author;
    const cipher = await this.pins.resolve(pin);
    for (;;) {
      const found = await this.store.key(cipher.id, name);
      if (!found) throw new UnknownPinError();
      const { sealed } = found;
      if (sealed === undefined) throw new PairingError('not-found');
      const before = decryptValue(cipher, { name, sealed });
      const key = validated({
        name: change.name ?? name,
        value: change.value ?? before.value,
      });
      if (key.name === name && key.value === before.value) return key;
      const changed = { id: cipher.id, name, writer: before.address };
      await this.masters.assertAllowed(changed, author);
      const next = encryptValue(cipher, key, address);
      const replaced = await this.store.replace(cipher.id, name, sealed, next);
      switch (replaced.outcome) {
        case 'replaced':
          if (isMasterKey(name) && key.name !== name) this.masters.removed(changed, address);
          else if (name === MASTER_IP) this.masters.changed(changed, address);
          if (key.name === MASTER_FAILED) this.masters.failed(cipher.id, address);
          this.reportReturn(cipher, replaced.firstMaster, address);
          return key;
        case 'missing':
          throw new PairingError('not-found');
        case 'taken':
          throw new PairingError('key-exists');
        case 'changed': // by another client meanwhile: read it again
      }
    }
  }

  /** Removes a key. Fails with `not-found` and `master-locked`. */
  async remove(pin: string, name: string, author: Author): Promise<void> {
    const cipher = await this.pins.resolve(pin);
    const { id } = cipher;
    for (;;) {
      const found = await this.store.key(id, name);
      if (!found) throw new UnknownPinError();
      const { sealed } = found;
      if (sealed === undefined) throw new PairingError('not-found');
      const removed = { id, name, writer: decryptValue(cipher, { name, sealed }).address };
      await this.masters.assertAllowed(removed, author);
      switch (await this.store.remove(id, name, sealed)) {
        case 'removed':
          if (isMasterKey(name)) this.masters.removed(removed, author.address);
          return;
        case 'no-cluster':
          throw new UnknownPinError();
        case 'missing':
          throw new PairingError('not-found');
        case 'changed': // by another client meanwhile: read it again
      }
    }
  }

  /** Reports that a cluster got a `master_ip` after its first one was removed or renamed. `first` is sealed. */
  private reportReturn(cipher: ClusterCipher, first: string | undefined, address: string): void {
    if (first === undefined) return;
    const { address: writer } = decryptValue(cipher, { name: MASTER_IP, sealed: first });
    this.masters.changed({ id: cipher.id, writer }, address);
  }

  /** Counts a refused master as a second master, unless it was the first one and has been replaced. `first` is sealed. */
  private async refuseMaster(
    cipher: ClusterCipher,
    first: string | undefined,
    address: string,
  ): Promise<void> {
    const { id } = cipher;
    const isFirst =
      first !== undefined &&
      decryptValue(cipher, { name: MASTER_IP, sealed: first }).address === address;
    if (isFirst) {
      this.masters.displacedMaster(id, address);
    } else {
      this.masters.secondMaster(id, address);
      await this.store.countSecondMaster(id);
    }
  }
}

/** The key in the form that is stored. Fails with `invalid-body`. */
function validated(given: KeyValue): KeyValue {
  const key = trimAddress(given);
  const problem = problemOfKey(key);
  if (problem) throw new PairingError('invalid-body', { fields: { value: [problem] } });
  return key;
}
