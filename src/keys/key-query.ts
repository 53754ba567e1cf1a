import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import type { Change } from '../clusters/cluster.signals.js';
import type { Query } from '../waiting/query.js';
import type { KeyReader, KeyReading } from './key-reader.js';

/** The key of a cluster that requests wait for. */
export class KeyQuery implements Query<KeyReading> {
  readonly name: Change;

  constructor(
    private readonly reader: KeyReader,
    private readonly cipher: ClusterCipher,
    private readonly keyName: string,
  ) {
    this.name = `key:${keyName}`;
  }

  get clusterId(): string {
    return this.cipher.id;
  }

  isAffectedBy(change: Change): boolean {
    return change === this.name;
  }

  read(): Promise<KeyReading> {
    return this.reader.readIn(this.cipher, this.keyName);
  }
}
