import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often the master of a cluster was replaced or taken away, in the record. For SQLite and PostgreSQL alike. */
export class RecordOfMasterChanges1795640460000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE issuances ADD COLUMN master_changes BIGINT NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE issuances DROP COLUMN master_changes`);
  }
}
