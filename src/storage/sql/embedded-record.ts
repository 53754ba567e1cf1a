import type { DataSource, EntityManager } from 'typeorm';
import { PairingError } from '../../errors/pairing-error.js';
import { RecordDatabase } from './record-database.js';

/** The record in the embedded database, which has one connection and one process. */
export class EmbeddedRecord extends RecordDatabase {
  readonly isUp = true;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    private readonly warn: (message: string) => void,
  ) {
    super();
  }

  async run<T>(work: (entities: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await work(this.database.manager);
    } catch (cause) {
      this.warn(`The embedded database failed: ${(cause as Error).message}.`);
      throw new PairingError('storage-unavailable', { cause });
    }
  }

  /** Runs all work one after another, without regard to names: there is only one process. */
  withLock<T>(_name: string, work: (entities: EntityManager) => Promise<T>): Promise<T> {
    const turn = this.last.then(() => this.run(work));
    this.last = turn.catch(() => {});
    return turn;
  }
}
