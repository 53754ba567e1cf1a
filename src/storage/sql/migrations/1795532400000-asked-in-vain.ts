import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a worker first asked for a master that was not there. Times as before. */
export class AskedInVain1795532400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clusters ADD COLUMN asked_at INTEGER`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clusters DROP COLUMN asked_at`);
  }
}
