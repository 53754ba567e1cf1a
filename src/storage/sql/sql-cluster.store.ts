import type { DataSource } from 'typeorm';
import { Clock } from '../../clock/clock.js';
import { type Cluster, type KeyMark, MASTER_IP, MAX_KEYS } from '../../clusters/cluster.js';
import {
  type AddOutcome,
  ClusterStore,
  type RemoveOutcome,
  type StoredKey,
  type ReplaceOutcome,
  type SealedKey,
} from '../../clusters/cluster.store.js';
import type { ClusterSignals } from '../../clusters/cluster.signals.js';
import { PairingError } from '../../errors/pairing-error.js';

/** The keys of a cluster as JSON. */
const keyMarks = `(SELECT json_group_array(json_object('name', name, 'addedAt', added_at) ORDER BY position)
  FROM keys WHERE cluster_id = clusters.id)`;

interface ClusterRow extends Omit<Cluster, 'keys' | 'firstFetchedAt' | 'askedAt'> {
  readonly keys: string;
  readonly firstFetchedAt: number | null;
  readonly askedAt: number | null;
}

function clusterIn({ keys, firstFetchedAt, askedAt, ...rest }: ClusterRow): Cluster {
  return {
    ...rest,
    keys: JSON.parse(keys) as KeyMark[],
    firstFetchedAt: firstFetchedAt ?? undefined,
    askedAt: askedAt ?? undefined,
  };
}

interface FirstMaster {
  readonly firstMaster: string | null;
}

/** A column with the first master of the cluster, if the key is `master_ip`; otherwise null. */
function firstMasterOf(name: string): string {
  const first = '(SELECT first_master FROM clusters WHERE id = cluster_id)';
  return `${name === MASTER_IP ? first : 'NULL'} AS firstMaster`;
}

/** In the `WHERE` of every statement: an expired cluster counts as absent, even if it has not been removed yet. */
const alive = 'clusters.id = ? AND clusters.expires_at > ?';

/**
 * Clusters in SQL. SQLite runs one statement at a time, but TypeORM shares its one connection, so a transaction would
 * include the statements of other requests. Each change is a single statement instead; if it changed nothing, a
 * second one finds the reason (ADR 2).
 */
export class SqlClusterStore extends ClusterStore {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly signals: ClusterSignals,
    private readonly warn: (message: string) => void,
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
    const row = await this.row(id);
    return row && clusterIn(row);
  }

  async liveIds(): Promise<string[]> {
    const rows = await this.run<{ id: string }>('SELECT id FROM clusters WHERE expires_at > ?', [
      this.clock.now(),
    ]);
    return rows.map(({ id }) => id);
  }

  async end(id: string): Promise<Cluster | undefined> {
    for (;;) {
      const row = await this.row(id);
      if (!row) return undefined;
      const ended = await this.run(
        `DELETE FROM clusters
         WHERE ${alive} AND (second_masters, master_changes, fetches, asked_at, ${keyMarks}) IS (?, ?, ?, ?, ?)
         RETURNING id`,
        [
          id,
          this.clock.now(),
          row.secondMasters,
          row.masterChanges,
          row.fetches,
          row.askedAt,
          row.keys,
        ],
      );
      if (ended.length === 1) {
        this.signals.changed(id, 'end');
        return clusterIn(row);
      }
      // It was changed or ended by another client meanwhile: read it again.
    }
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

  async key(id: string, name: string): Promise<StoredKey | undefined> {
    const [row] = await this.run<{
      sealed: string | null;
      expiresAt: number;
      masterAddedAt: number | null;
    }>(
      `SELECT keys.sealed, expires_at AS expiresAt, master.added_at AS masterAddedAt FROM clusters
       LEFT JOIN keys ON keys.cluster_id = clusters.id AND keys.name = ?
       LEFT JOIN keys AS master ON master.cluster_id = clusters.id AND master.name = '${MASTER_IP}'
       WHERE ${alive}`,
      [name, id, this.clock.now()],
    );
    if (!row) return undefined;
    const { sealed, expiresAt, masterAddedAt } = row;
    return {
      sealed: sealed ?? undefined,
      expiresAt,
      masterAddedAt: masterAddedAt ?? undefined,
    };
  }

  async add(id: string, { name, sealed }: SealedKey): Promise<AddOutcome> {
    for (;;) {
      const added = await this.run<FirstMaster>(
        `INSERT INTO keys (cluster_id, name, sealed, added_at)
         SELECT id, ?, ?, ? FROM clusters
         WHERE ${alive} AND (SELECT count(*) FROM keys WHERE cluster_id = clusters.id) < ?
         ON CONFLICT DO NOTHING RETURNING ${firstMasterOf(name)}`,
        [name, sealed, this.clock.now(), id, this.clock.now(), MAX_KEYS],
      );
      if (added[0]) {
        this.signals.changed(id, `key:${name}`);
        return { outcome: 'added', firstMaster: added[0].firstMaster ?? undefined };
      }

      const keys = await this.keys(id);
      if (!keys) return { outcome: 'no-cluster' };
      const existing = keys.find((key) => key.name === name);
      if (existing) {
        const firstMaster = name === MASTER_IP ? await this.firstMaster(id) : undefined;
        return { outcome: 'exists', sealed: existing.sealed, firstMaster };
      }
      if (keys.length >= MAX_KEYS) return { outcome: 'full' };
      // The key that prevented it was removed meanwhile: try again.
    }
  }

  async replace(
    id: string,
    name: string,
    expected: string,
    next: SealedKey,
  ): Promise<ReplaceOutcome> {
    const returns = name === MASTER_IP ? '' : next.name;
    const replaced = await this.run<FirstMaster>(
      `UPDATE OR IGNORE keys SET name = ?, sealed = ?
       WHERE cluster_id IN (SELECT id FROM clusters WHERE ${alive}) AND name = ? AND sealed = ?
       RETURNING ${firstMasterOf(returns)}`,
      [next.name, next.sealed, id, this.clock.now(), name, expected],
    );
    if (replaced[0]) {
      for (const each of new Set([name, next.name])) this.signals.changed(id, `key:${each}`);
      return { outcome: 'replaced', firstMaster: replaced[0].firstMaster ?? undefined };
    }

    const current = await this.key(id, name);
    if (current?.sealed === undefined) return { outcome: 'missing' };
    const other = next.name === name ? undefined : await this.key(id, next.name);
    return { outcome: other?.sealed === undefined ? 'changed' : 'taken' };
  }

  async remove(id: string, name: string, expected: string): Promise<RemoveOutcome> {
    const removed = await this.run(
      `DELETE FROM keys WHERE cluster_id IN (SELECT id FROM clusters WHERE ${alive}) AND name = ? AND sealed = ?
       RETURNING name`,
      [id, this.clock.now(), name, expected],
    );
    if (removed.length === 1) {
      this.signals.changed(id, `key:${name}`);
      return 'removed';
    }
    const current = await this.key(id, name);
    if (!current) return 'no-cluster';
    return current.sealed === undefined ? 'missing' : 'changed';
  }

  async countSecondMaster(id: string): Promise<void> {
    await this.run(`UPDATE clusters SET second_masters = second_masters + 1 WHERE ${alive}`, [
      id,
      this.clock.now(),
    ]);
    this.signals.changed(id, 'second-master');
  }

  async countFetches(counts: ReadonlyMap<string, number>): Promise<void> {
    const now = this.clock.now();
    const counted = await this.run<{ id: string }>(
      `UPDATE clusters
       SET fetches = fetches + counts.value, first_fetched_at = coalesce(first_fetched_at, ?)
       FROM json_each(?) AS counts WHERE clusters.id = counts.key AND expires_at > ? RETURNING id`,
      [now, JSON.stringify(Object.fromEntries(counts)), now],
    );
    for (const { id } of counted) this.signals.changed(id, 'fetches');
  }

  async markAsked(ids: readonly string[]): Promise<void> {
    const now = this.clock.now();
    await this.run(
      `UPDATE clusters SET asked_at = ?
       WHERE id IN (SELECT value FROM json_each(?)) AND asked_at IS NULL AND expires_at > ?`,
      [now, JSON.stringify(ids), now],
    );
  }

  async removeExpired(limit: number): Promise<number> {
    const removed = await this.run(
      `DELETE FROM clusters WHERE id IN (
         SELECT id FROM clusters WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
       ) RETURNING id`,
      [this.clock.now(), limit],
    );
    return removed.length;
  }

  async check(): Promise<string[]> {
    await this.run('SELECT 1');
    return [];
  }

  private async row(id: string): Promise<ClusterRow | undefined> {
    const [row] = await this.run<ClusterRow>(
      `SELECT created_at AS createdAt, expires_at AS expiresAt, second_masters AS secondMasters,
         master_changes AS masterChanges, fetches, first_fetched_at AS firstFetchedAt, asked_at AS askedAt, ${keyMarks} AS keys
       FROM clusters WHERE ${alive}`,
      [id, this.clock.now()],
    );
    return row;
  }

  private async firstMaster(id: string): Promise<string | undefined> {
    const [row] = await this.run<FirstMaster>(
      `SELECT first_master AS firstMaster FROM clusters WHERE ${alive}`,
      [id, this.clock.now()],
    );
    return row?.firstMaster ?? undefined;
  }

  private async run<Row>(statement: string, parameters: unknown[] = []): Promise<Row[]> {
    try {
      return await this.database.query<Row[]>(statement, parameters);
    } catch (cause) {
      this.warn(`The embedded database failed: ${(cause as Error).message}.`);
      throw new PairingError('storage-unavailable', { cause });
    }
  }
}
