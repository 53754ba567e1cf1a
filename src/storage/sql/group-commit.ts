import type Database from 'libsql';
import type { DataSource } from 'typeorm';
import { connectionOf } from './sqlite.js';

interface Change {
  readonly statement: string;
  readonly parameters: readonly unknown[];
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (cause: unknown) => void;
}

const ofConnections = new WeakMap<Database.Database, GroupCommit>();

/**
 * Makes the changes of one turn of the event loop in one transaction, because most of the cost of a change is its
 * commit, which waits for the disk (ADR 27). While one group is written, the requests of the next arrive. A
 * transaction begins and ends within one call, so it never includes statements of others who use the connection.
 */
export class GroupCommit {
  private group: Change[] = [];
  private readonly prepared = new Map<string, Database.Statement>();

  private constructor(private readonly connection: Database.Database) {}

  /** The one of an embedded database, which is initialized. All its users share the commits. */
  static of(database: DataSource): GroupCommit {
    const connection = connectionOf(database);
    const known = ofConnections.get(connection) ?? new GroupCommit(connection);
    ofConnections.set(connection, known);
    return known;
  }

  /**
   * Runs a statement that changes something. Resolves to the rows that it returns, when the change is on the disk.
   * Fails when the statement fails, alone, or when its group cannot be written, with all others.
   */
  run<Row>(statement: string, parameters: readonly unknown[]): Promise<Row[]> {
    return new Promise<unknown[]>((resolve, reject) => {
      if (this.group.length === 0) setImmediate(() => this.commit());
      this.group.push({ statement, parameters, resolve, reject });
    }) as Promise<Row[]>;
  }

  private commit(): void {
    const { group } = this;
    this.group = [];
    try {
      for (const settle of this.inTransaction(group)) settle();
    } catch (cause) {
      for (const { reject } of group) reject(cause);
    }
  }

  /** Makes the changes, and returns what tells each of its result. Fails when they could not be written. */
  private inTransaction(group: readonly Change[]): (() => void)[] {
    const { connection } = this;
    connection.exec('BEGIN IMMEDIATE');
    try {
      const settled = group.map((change) => this.make(change));
      connection.exec('COMMIT');
      return settled;
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  }

  private make({ statement, parameters, resolve, reject }: Change): () => void {
    try {
      const prepared = this.prepare(statement);
      const rows = prepared.reader ? prepared.all(...parameters) : [];
      if (!prepared.reader) prepared.run(...parameters);
      return () => resolve(rows);
    } catch (cause) {
      // After some errors, such as a full disk, SQLite rolls back the whole transaction.
      if (!this.connection.inTransaction) throw cause;
      return () => reject(cause);
    }
  }

  private prepare(statement: string): Database.Statement {
    const known = this.prepared.get(statement);
    if (known) return known;
    const prepared = this.connection.prepare(statement);
    this.prepared.set(statement, prepared);
    return prepared;
  }
}
