import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import { isMasterKey, MASTER_FAILED, MASTER_READY } from '../clusters/cluster.js';
import type { Change } from '../clusters/cluster.signals.js';
import type { Query } from '../waiting/query.js';
import type { KeyReader, KeyReading } from './key-reader.js';

/** A cluster can become `failed` by each of them (`stateOf`). */
const CHANGES_OF_FAILURE: ReadonlySet<Change> = new Set([
  `key:${MASTER_FAILED}`,
  `key:${MASTER_READY}`,
]);

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
    return change === this.name || (isMasterKey(this.keyName) && CHANGES_OF_FAILURE.has(change));
  }

  read(): Promise<KeyReading> {
    return this.reader.readIn(this.cipher, this.keyName);
  }
}
