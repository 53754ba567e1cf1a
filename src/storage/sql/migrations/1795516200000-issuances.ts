import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The record of who issued which PIN, and the leases of those who keep it up to date. For SQLite and
 * PostgreSQL alike. Times in milliseconds since the epoch.
 */
export class Issuances1795516200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE issuances (
        id               TEXT    PRIMARY KEY,
        version          INTEGER NOT NULL,
        hint             TEXT    NOT NULL,
        owner            TEXT    NOT NULL,
        description      TEXT,
        address          TEXT    NOT NULL,
        created_at       BIGINT  NOT NULL,
        expires_at       BIGINT  NOT NULL,
        seen_at          BIGINT,
        master_at        BIGINT,
        ready_at         BIGINT,
        first_fetched_at BIGINT,
        asked_at         BIGINT,
        fetches          BIGINT  NOT NULL,
        second_masters   BIGINT  NOT NULL,
        revoked_at       BIGINT,
        deleted_at       BIGINT,
        check_at         BIGINT
      )`);
    // To list someone's PINs, and everyone's, newest first; the latter also to drop the oldest.
    await runner.query(`CREATE INDEX issuances_of_owner ON issuances (owner, created_at, id)`);
    await runner.query(`CREATE INDEX issuances_by_time ON issuances (created_at, id)`);
    // Few are not settled: someone's live PINs are among them, and whatever is due.
    await runner.query(
      `CREATE INDEX issuances_unsettled_of_owner ON issuances (owner) WHERE check_at IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX issuances_due ON issuances (check_at) WHERE check_at IS NOT NULL`,
    );
    await runner.query(`
      CREATE TABLE leases (
        name         TEXT   PRIMARY KEY,
        holder       TEXT   NOT NULL,
        held_until   BIGINT NOT NULL,
        succeeded_at BIGINT
      )`);
    await runner.query(`INSERT INTO leases (name, holder, held_until) VALUES ('expiry', '', 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE leases`);
    await runner.query(`DROP TABLE issuances`);
  }
}
