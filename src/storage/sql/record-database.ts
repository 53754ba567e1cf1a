import type { EntityManager } from 'typeorm';

/** The database of issuances: the embedded one, which is always there, or PostgreSQL, which may be away. */
export abstract class RecordDatabase {
  /** Whether it answers, as far as is known. */
  abstract get isUp(): boolean;

  /** Runs work on the database. Fails with `storage-unavailable` when it does not answer. */
  abstract run<T>(work: (entities: EntityManager) => Promise<T>): Promise<T>;

  /** Runs work while no replica runs other work with this name. Fails as `run` does. */
  abstract withLock<T>(name: string, work: (entities: EntityManager) => Promise<T>): Promise<T>;
}
