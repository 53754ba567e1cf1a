import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The members of living clusters, sealed, and their numbers. Triggers count them as a part of the statement that changes
 * a member (ADR 2). Times in milliseconds since the epoch.
 */
export class Members1795654800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE members (
        position   INTEGER PRIMARY KEY,
        cluster_id TEXT    NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
        handle     TEXT    NOT NULL,
        state      TEXT    NOT NULL,
        sealed     TEXT    NOT NULL,
        joined_at  INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (cluster_id, handle)
      )`);
    await runner.query(`ALTER TABLE clusters ADD COLUMN expected_workers INTEGER`);
    await runner.query(`ALTER TABLE clusters ADD COLUMN completed_at INTEGER`);
    for (const count of ['joined', 'ready', 'failed', 'members_revision']) {
      await runner.query(`ALTER TABLE clusters ADD COLUMN ${count} INTEGER NOT NULL DEFAULT 0`);
    }

    const count = (joined: string, ready: string, failed: string) =>
      `UPDATE clusters SET members_revision = members_revision + 1,
         joined = joined + (${joined}), ready = ready + (${ready}), failed = failed + (${failed})`;
    const has = (row: 'old' | 'new', state: string) => `(${row}.state = '${state}')`;
    const complete = `UPDATE clusters SET completed_at = new.updated_at
      WHERE id = new.cluster_id AND completed_at IS NULL AND ready >= expected_workers`;
    await runner.query(`
      CREATE TRIGGER member_added AFTER INSERT ON members BEGIN
        ${count('1', has('new', 'ready'), has('new', 'failed'))} WHERE id = new.cluster_id;
        ${complete} AND new.state = 'ready';
      END`);
    await runner.query(`
      CREATE TRIGGER member_replaced AFTER UPDATE ON members BEGIN
        ${count('0', `${has('new', 'ready')} - ${has('old', 'ready')}`, `${has('new', 'failed')} - ${has('old', 'failed')}`)}
          WHERE id = new.cluster_id;
        ${complete} AND new.state = 'ready';
      END`);
    await runner.query(`
      CREATE TRIGGER member_removed AFTER DELETE ON members BEGIN
        ${count('-1', `-${has('old', 'ready')}`, `-${has('old', 'failed')}`)} WHERE id = old.cluster_id;
      END`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE members`);
    const columns = ['expected_workers', 'completed_at', 'joined', 'ready', 'failed'];
    for (const column of [...columns, 'members_revision']) {
      await runner.query(`ALTER TABLE clusters DROP COLUMN ${column}`);
    }
  }
}
