import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The sessions of browsers. For SQLite and PostgreSQL alike. Times in milliseconds since the epoch. */
export class Sessions1795651200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        id               TEXT   PRIMARY KEY,
        subject          TEXT   NOT NULL,
        provider_session TEXT,
        sealed           TEXT   NOT NULL,
        started_at       BIGINT NOT NULL,
        expires_at       BIGINT NOT NULL,
        checked_at       BIGINT NOT NULL
      )`);
    // To end all sessions of a user or of a session at the provider, and to remove expired ones.
    await runner.query(`CREATE INDEX sessions_of_subject ON sessions (subject)`);
    await runner.query(`CREATE INDEX sessions_of_provider ON sessions (provider_session)`);
    await runner.query(`CREATE INDEX sessions_by_expiry ON sessions (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE sessions`);
  }
}
