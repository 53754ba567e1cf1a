import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When each key was added, and who has fetched the master's address. Times as before. */
export class LiveMarks1795478400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE keys ADD COLUMN added_at INTEGER NOT NULL DEFAULT 0`);
    await runner.query(`ALTER TABLE clusters ADD COLUMN fetches INTEGER NOT NULL DEFAULT 0`);
    await runner.query(`ALTER TABLE clusters ADD COLUMN first_fetched_at INTEGER`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clusters DROP COLUMN first_fetched_at`);
    await runner.query(`ALTER TABLE clusters DROP COLUMN fetches`);
    await runner.query(`ALTER TABLE keys DROP COLUMN added_at`);
  }
}
