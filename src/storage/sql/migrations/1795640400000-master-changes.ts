import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How often the master of a living cluster was replaced or taken away, and the first `master_ip` once that has
 * happened. Triggers make it part of the statement that changes the key (ADR 2); `Cluster.masterChanges` has the rule.
 */
export class MasterChanges1795640400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clusters ADD COLUMN master_changes INTEGER NOT NULL DEFAULT 0`);
    await runner.query(`ALTER TABLE clusters ADD COLUMN first_master TEXT`);
    const count = 'UPDATE clusters SET master_changes = master_changes + 1';
    const keepFirst = `first_master = coalesce(first_master, CASE old.name WHEN 'master_ip' THEN old.sealed END)`;
    await runner.query(`
      CREATE TRIGGER master_replaced AFTER UPDATE ON keys
      WHEN old.name = 'master_ip' OR (old.name = 'master_ready' AND new.name <> 'master_ready') BEGIN
        ${count}, ${keepFirst} WHERE id = old.cluster_id;
      END`);
    await runner.query(`
      CREATE TRIGGER master_removed AFTER DELETE ON keys
      WHEN old.name IN ('master_ip', 'master_ready') BEGIN
        ${count}, ${keepFirst} WHERE id = old.cluster_id;
      END`);
    await runner.query(`
      CREATE TRIGGER master_added_again AFTER INSERT ON keys WHEN new.name = 'master_ip' BEGIN
        ${count} WHERE id = new.cluster_id AND first_master IS NOT NULL;
      END`);
    await runner.query(`
      CREATE TRIGGER master_renamed_to AFTER UPDATE ON keys
      WHEN new.name = 'master_ip' AND old.name <> 'master_ip' BEGIN
        ${count} WHERE id = new.cluster_id AND first_master IS NOT NULL;
      END`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const trigger of ['renamed_to', 'added_again', 'removed', 'replaced']) {
      await runner.query(`DROP TRIGGER master_${trigger}`);
    }
    await runner.query(`ALTER TABLE clusters DROP COLUMN first_master`);
    await runner.query(`ALTER TABLE clusters DROP COLUMN master_changes`);
  }
}
