import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import type { SealedKey } from '../clusters/cluster.store.js';
import type { KeyValue } from './key.js';

/** What is encrypted for a key: its value, and the client that wrote it. */
export interface StoredValue {
  readonly value: string;
  /** The client's address. */
  readonly address: string;
}

/** Encrypts a value that the client at `address` wrote. */
export function encryptValue(
  cipher: ClusterCipher,
  { name, value }: KeyValue,
  address: string,
): SealedKey {
  const stored: StoredValue = { value, address };
  return { name, sealed: cipher.seal(name, JSON.stringify(stored)) };
}

/** Decrypts what `encryptValue` returned. Fails when it was encrypted for another cluster or another name. */
export function decryptValue(cipher: ClusterCipher, { name, sealed }: SealedKey): StoredValue {
  return JSON.parse(cipher.open(name, sealed)) as StoredValue;
}
