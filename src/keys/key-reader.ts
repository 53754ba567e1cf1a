import { Injectable } from '@nestjs/common';
import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { UnknownPinError } from '../errors/pairing-error.js';
import type { KeyValue } from './key.js';
import { decryptValue } from './stored-value.js';

/** The result of reading a key of the cluster with this cipher. */
export interface KeyReading {
  readonly cipher: ClusterCipher;
  /** Undefined when there is no such key. */
  readonly key: KeyValue | undefined;
  /** When the cluster expires; milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When `master_ip` was added; undefined while it is not there. Milliseconds since the epoch. */
  readonly masterAddedAt: number | undefined;
  /** Whether the state of the cluster is `failed`. */
  readonly hasFailed: boolean;
}

/** Reads one key from the store and decrypts it. A missing key is not an error, because most polls find none. */
@Injectable()
export class KeyReader {
  constructor(
    private readonly store: ClusterStore,
    private readonly pins: PinResolver,
  ) {}

  /** Reads a key of the cluster with this PIN. Fails with `UnknownPinError` and `storage-unavailable`. */
  async read(pin: string, name: string): Promise<KeyReading> {
    return this.readIn(await this.pins.resolve(pin), name);
  }

  /** Reads a key of the cluster with this cipher. Fails as `read` does. */
  async readIn(cipher: ClusterCipher, name: string): Promise<KeyReading> {
    const stored = await this.store.key(cipher.id, name);
    if (!stored) throw new UnknownPinError();
    const { sealed, expiresAt, masterAddedAt, hasFailed } = stored;
    const key =
      sealed === undefined
        ? undefined
        : { name, value: decryptValue(cipher, { name, sealed }).value };
    return { cipher, key, expiresAt, masterAddedAt, hasFailed };
  }
}
