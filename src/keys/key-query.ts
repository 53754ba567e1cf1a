import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import { isMasterKey, MASTER_FAILED } from '../clusters/cluster.js';
import type { Change } from '../clusters/cluster.signals.js';
import type { Query } from '../waiting/query.js';
import type { KeyReader, KeyReading } from './key-reader.js';

/** Queries one key of a cluster, for the requests that wait for it. */
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
    return change === this.name || (change === `key:${MASTER_FAILED}` && isMasterKey(this.keyName));
  }

  read(): Promise<KeyReading> {
    return this.reader.readIn(this.cipher, this.keyName);
  }
}
