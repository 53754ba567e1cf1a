import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The living clusters and their keys, sealed. Times in milliseconds since the epoch. */
export class LiveClusters1795392000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE clusters (
        id             TEXT    PRIMARY KEY,
        created_at     INTEGER NOT NULL,
        expires_at     INTEGER NOT NULL,
        second_masters INTEGER NOT NULL DEFAULT 0
      )`);
    await runner.query(`CREATE INDEX clusters_expires_at ON clusters (expires_at)`);
    await runner.query(`
      CREATE TABLE keys (
        position   INTEGER PRIMARY KEY,
        cluster_id TEXT    NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
        name       TEXT    NOT NULL,
        sealed     TEXT    NOT NULL,
        UNIQUE (cluster_id, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE keys`);
    await runner.query(`DROP TABLE clusters`);
  }
}
