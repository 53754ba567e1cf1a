import { LessThanOrEqual } from 'typeorm';
import { SessionStore, type StoredSession } from '../../auth/session.store.js';
import type { RecordDatabase } from './record-database.js';
import { sessions } from './tables.js';

/** Sessions in SQL, in the record's database, for SQLite and PostgreSQL. */
export class SqlSessionStore extends SessionStore {
  constructor(private readonly database: RecordDatabase) {
    super();
  }

  async add(session: StoredSession, now: number): Promise<void> {
    await this.database.run(async (entities) => {
      await entities.delete(sessions, { expiresAt: LessThanOrEqual(now) });
      await entities.insert(sessions, session);
    });
  }

  find(id: string): Promise<StoredSession | undefined> {
    return this.database.run(
      async (entities) => (await entities.findOneBy(sessions, { id })) ?? undefined,
    );
  }

  findAll(
    of: Pick<StoredSession, 'subject'> | { readonly providerSession: string },
  ): Promise<StoredSession[]> {
    return this.database.run((entities) => entities.findBy(sessions, of));
  }

  update(
    { id, checkedAt }: StoredSession,
    change: Partial<Pick<StoredSession, 'checkedAt' | 'sealed'>>,
  ): Promise<boolean> {
    return this.database.run(
      async (entities) =>
        (await entities.update(sessions, { id, checkedAt }, change)).affected === 1,
    );
  }

  remove(id: string): Promise<boolean> {
    return this.database.run(
      async (entities) => (await entities.delete(sessions, { id })).affected === 1,
    );
  }
}
