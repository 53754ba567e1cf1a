import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, Repository } from 'typeorm';
import { SessionStore, type StoredSession } from '../../auth/session.store.js';
import { RecordDatabase } from './record-database.js';
import { sessions } from './tables.js';

/** Sessions in SQL, in the record's database, for SQLite and PostgreSQL. */
@Injectable()
export class SqlSessionStore extends SessionStore {
  constructor(
    private readonly database: RecordDatabase,
    @InjectRepository(sessions) private readonly rows: Repository<StoredSession>,
  ) {
    super();
  }

  async add(session: StoredSession, now: number): Promise<void> {
    await this.database.run(async () => {
      await this.rows.delete({ expiresAt: LessThanOrEqual(now) });
      await this.rows.insert(session);
    });
  }

  find(id: string): Promise<StoredSession | undefined> {
    return this.database.run(async () => (await this.rows.findOneBy({ id })) ?? undefined);
  }

  findAll(
    of: Pick<StoredSession, 'subject'> | { readonly providerSession: string },
  ): Promise<StoredSession[]> {
    return this.database.run(() => this.rows.findBy(of));
  }

  update(
    { id, checkedAt }: StoredSession,
    change: Partial<Pick<StoredSession, 'checkedAt' | 'sealed'>>,
  ): Promise<boolean> {
    return this.database.run(
      async () => (await this.rows.update({ id, checkedAt }, change)).affected === 1,
    );
  }

  remove(id: string): Promise<boolean> {
    return this.database.run(async () => (await this.rows.delete({ id })).affected === 1);
  }
}
