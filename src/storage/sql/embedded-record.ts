import type { DataSource, EntityManager } from 'typeorm';
import { PairingError } from '../../errors/pairing-error.js';
import { GroupCommit } from './group-commit.js';
import { positional } from './positional.js';
import { RecordDatabase, type Values } from './record-database.js';

/** The record in the embedded database, which has one connection and one process. */
export class EmbeddedRecord extends RecordDatabase {
  readonly isUp = true;
  private readonly changes: GroupCommit;

  constructor(
    private readonly database: DataSource,
    private readonly warn: (message: string) => void,
  ) {
    super();
    this.changes = GroupCommit.of(database);
  }

  async run<T>(work: (entities: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await work(this.database.manager);
    } catch (cause) {
      this.warn(`The embedded database failed: ${(cause as Error).message}.`);
      throw new PairingError('storage-unavailable', { cause });
    }
  }

  /** Commits it together with the other changes of this turn of the event loop (ADR 27). */
  change(statement: string, values: Values): Promise<number> {
    return this.run(async ({ dataSource }) => {
      const [text, parameters] = positional(statement, values, dataSource);
      dataSource.logger.logQuery(text, parameters); // as TypeORM does with its own statements
      return (await this.changes.run(text, parameters)).length;
    });
  }

  /** There is one process, and it makes one change after another. */
  changeAlone(_name: string, statement: string, values: Values): Promise<number> {
    return this.change(statement, values);
  }
}
