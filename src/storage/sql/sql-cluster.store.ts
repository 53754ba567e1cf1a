import type { DataSource } from 'typeorm';
import { Clock } from '../../clock/clock.js';
import { type Cluster, MAX_KEYS } from '../../clusters/cluster.js';
import {
  type AddOutcome,
  ClusterStore,
  type ReplaceOutcome,
  type SealedKey,
} from '../../clusters/cluster.store.js';
import { PairingError } from '../../errors/pairing-error.js';

/** A `WHERE` of every statement: an expired cluster is absent, whoever removes it and when. */
const alive = 'clusters.id = ? AND clusters.expires_at > ?';

/**
 * Clusters in SQL. SQLite runs one statement at a time but TypeORM shares its one connection, so a
 * transaction would take in its neighbours' statements: each change is a single statement instead, and
 * a change that did not happen is explained afterwards.
 */
export class SqlClusterStore extends ClusterStore {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(id: string, { createdAt, expiresAt }: Pick<Cluster, 'createdAt' | 'expiresAt'>) {
    const created = await this.run(
      `INSERT INTO clusters (id, created_at, expires_at) VALUES (?, ?, ?)
       ON CONFLICT DO NOTHING RETURNING id`,
      [id, createdAt, expiresAt],
    );
    return created.length === 1;
  }

  async find(id: string): Promise<Cluster | undefined> {
    const rows = await this.run<Omit<Cluster, 'keyNames'> & { name: string | null }>(
      `SELECT created_at AS createdAt, expires_at AS expiresAt, second_masters AS secondMasters, name
       FROM clusters LEFT JOIN keys ON keys.cluster_id = clusters.id
       WHERE ${alive} ORDER BY position`,
      [id, this.clock.now()],
    );
    if (!rows[0]) return undefined;
    const { name: _, ...cluster } = rows[0];
    return { ...cluster, keyNames: rows.flatMap(({ name }) => name ?? []) };
  }

  async end(id: string): Promise<boolean> {
    const ended = await this.run(`DELETE FROM clusters WHERE ${alive} RETURNING id`, [
      id,
      this.clock.now(),
    ]);
    return ended.length === 1;
  }

  async keys(id: string): Promise<SealedKey[] | undefined> {
    const rows = await this.run<SealedKey | { name: null }>(
      `SELECT name, sealed FROM clusters LEFT JOIN keys ON keys.cluster_id = clusters.id
       WHERE ${alive} ORDER BY position`,
      [id, this.clock.now()],
    );
    if (rows.length === 0) return undefined;
    return rows.filter((row) => row.name !== null);
  }

  async key(id: string, name: string): Promise<string | undefined> {
    const [row] = await this.run<{ sealed: string }>(
      `SELECT sealed FROM clusters JOIN keys ON keys.cluster_id = clusters.id
       WHERE ${alive} AND name = ?`,
      [id, this.clock.now(), name],
    );
    return row?.sealed;
  }

  async add(id: string, { name, sealed }: SealedKey): Promise<AddOutcome> {
    for (;;) {
      const added = await this.run(
        `INSERT INTO keys (cluster_id, name, sealed)
         SELECT id, ?, ? FROM clusters
         WHERE ${alive} AND (SELECT count(*) FROM keys WHERE cluster_id = clusters.id) < ?
         ON CONFLICT DO NOTHING RETURNING name`,
        [name, sealed, id, this.clock.now(), MAX_KEYS],
      );
      if (added.length === 1) return { outcome: 'added' };

      const keys = await this.keys(id);
      if (!keys) return { outcome: 'no-cluster' };
      const existing = keys.find((key) => key.name === name);
      if (existing) return { outcome: 'exists', sealed: existing.sealed };
      if (keys.length >= MAX_KEYS) return { outcome: 'full' };
      // What was in the way has gone meanwhile: try again.
    }
  }

  async replace(
    id: string,
    name: string,
    expected: string,
    next: SealedKey,
  ): Promise<ReplaceOutcome> {
    const replaced = await this.run(
      `UPDATE OR IGNORE keys SET name = ?, sealed = ?
       WHERE cluster_id IN (SELECT id FROM clusters WHERE ${alive}) AND name = ? AND sealed = ?
       RETURNING name`,
      [next.name, next.sealed, id, this.clock.now(), name, expected],
    );
    if (replaced.length === 1) return 'replaced';

    const current = await this.key(id, name);
    if (current === undefined) return 'missing';
    const renamed = next.name !== name;
    return renamed && (await this.key(id, next.name)) !== undefined ? 'taken' : 'changed';
  }

  async remove(id: string, name: string): Promise<boolean> {
    const removed = await this.run(
      `DELETE FROM keys WHERE cluster_id IN (SELECT id FROM clusters WHERE ${alive}) AND name = ?
       RETURNING name`,
      [id, this.clock.now(), name],
    );
    return removed.length === 1;
  }

  async countSecondMaster(id: string): Promise<void> {
    await this.run(`UPDATE clusters SET second_masters = second_masters + 1 WHERE ${alive}`, [
      id,
      this.clock.now(),
    ]);
  }

  async check(): Promise<string[]> {
    await this.run('SELECT 1');
    return [];
  }

  private async run<Row>(statement: string, parameters: unknown[] = []): Promise<Row[]> {
    try {
      return await this.database.query<Row[]>(statement, parameters);
    } catch (cause) {
      throw new PairingError('storage-unavailable', { cause });
    }
  }
}
