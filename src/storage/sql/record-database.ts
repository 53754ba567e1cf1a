import type { EntityManager } from 'typeorm';

/** The values of the parameters of a statement by name. */
export type Values = Readonly<Record<string, unknown>>;

/** The database of issuances: the embedded one, which is always there, or PostgreSQL, which may be away. */
export abstract class RecordDatabase {
  /** Whether it answers, as far as is known. */
  abstract get isUp(): boolean;

  /** Runs work on the database. Fails with `storage-unavailable` when it does not answer. */
  abstract run<T>(work: (entities: EntityManager) => Promise<T>): Promise<T>;

  /**
   * Makes a change by one statement, which has named parameters (`:name`) and ends with `RETURNING`. Resolves to the number
   * of rows that it changed, when they are on the disk. Fails as `run` does.
   */
  abstract change(statement: string, values: Values): Promise<number>;

  /** Does what `change` does, while no replica makes another change with this name. */
  abstract changeAlone(name: string, statement: string, values: Values): Promise<number>;
}
