import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = {
  expected_workers: 'BIGINT',
  joined_workers: 'BIGINT NOT NULL DEFAULT 0',
  ready_workers: 'BIGINT NOT NULL DEFAULT 0',
  failed_workers: 'BIGINT NOT NULL DEFAULT 0',
  completed_at: 'BIGINT',
  failed_at: 'BIGINT',
};

/**
 * The workers of a cluster in numbers, and when it was complete or its master failed, in the record. For SQLite and
 * PostgreSQL alike. Times in milliseconds since the epoch.
 */
export class RecordOfWorkers1795656600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, type] of Object.entries(COLUMNS)) {
      await runner.query(`ALTER TABLE issuances ADD COLUMN ${name} ${type}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(COLUMNS)) {
      await runner.query(`ALTER TABLE issuances DROP COLUMN ${name}`);
    }
  }
}
