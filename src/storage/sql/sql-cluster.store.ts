import type { DataSource } from 'typeorm';
import { Clock } from '../../clock/clock.js';
import {
  type Cluster,
  type KeyMark,
  MASTER_FAILED,
  MASTER_IP,
  MASTER_READY,
  MAX_KEYS,
  MAX_MEMBERS,
  type Workers,
} from '../../clusters/cluster.js';
import {
  type AddMemberOutcome,
  type AddOutcome,
  ClusterStore,
  type MemberCounts,
  type MemberReading,
  type NewCluster,
  type RemoveMemberOutcome,
  type RemoveOutcome,
  type ReplaceMemberOutcome,
  type SealedMember,
  type StoredMember,
  type StoredKey,
  type ReplaceOutcome,
  type SealedKey,
} from '../../clusters/cluster.store.js';
import type { ClusterSignals } from '../../clusters/cluster.signals.js';
import { PairingError } from '../../errors/pairing-error.js';
import type { GroupCommit } from './group-commit.js';

/** The keys of a cluster as JSON. */
const keyMarks = `(SELECT json_group_array(json_object('name', name, 'addedAt', added_at) ORDER BY position)
  FROM keys WHERE cluster_id = clusters.id)`;

/** The columns of a `CountsRow`. */
const memberCounts = `expires_at AS expiresAt, expected_workers AS expected, joined, ready, failed,
  members_revision AS revision`;

interface CountsRow extends Omit<Workers, 'expected'>, Omit<MemberCounts, 'workers'> {
  readonly expected: number | null;
}

function countsIn({ expected, joined, ready, failed, ...row }: CountsRow): MemberCounts {
  const { revision, expiresAt } = row;
  return {
    workers: { expected: expected ?? undefined, joined, ready, failed },
    revision,
    expiresAt,
  };
}

type RequiredMark = 'createdAt' | 'secondMasters' | 'masterChanges' | 'fetches';
type OptionalMark = 'firstFetchedAt' | 'askedAt' | 'completedAt';

interface ClusterRow
  extends CountsRow, Pick<Cluster, RequiredMark>, Record<OptionalMark, number | null> {
  readonly keys: string;
}

function clusterIn(row: ClusterRow): Cluster {
  const { createdAt, secondMasters, masterChanges, fetches } = row;
  const { workers, expiresAt } = countsIn(row);
  return {
    createdAt,
    expiresAt,
    keys: JSON.parse(row.keys) as KeyMark[],
    secondMasters,
    masterChanges,
    fetches,
    firstFetchedAt: row.firstFetchedAt ?? undefined,
    askedAt: row.askedAt ?? undefined,
    workers,
    completedAt: row.completedAt ?? undefined,
  };
}

/** The columns of a `StoredMember`. */
const memberColumns = 'handle, state, sealed, joined_at AS joinedAt, updated_at AS updatedAt';

/** A condition: whether the cluster has this key. */
function hasKey(name: string): string {
  return `EXISTS (SELECT 1 FROM keys WHERE cluster_id = clusters.id AND name = '${name}')`;
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
 * Clusters in SQL. SQLite runs one statement at a time, but TypeORM shares its one connection, so a transaction that
 * waits would include the statements of other requests. Each change is a single statement instead; if it changed
 * nothing, a second one finds the reason (ADR 2). Changes that come together are written together (ADR 27).
 */
export class SqlClusterStore extends ClusterStore {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly signals: ClusterSignals,
    private readonly changes: GroupCommit,
    private readonly warn: (message: string) => void,
  ) {
    super();
  }

  async create(id: string, { createdAt, expiresAt, expectedWorkers }: NewCluster) {
    const created = await this.change(
      `INSERT INTO clusters (id, created_at, expires_at, expected_workers) VALUES (?, ?, ?, ?)
       ON CONFLICT DO NOTHING RETURNING id`,
      [id, createdAt, expiresAt, expectedWorkers ?? null],
    );
    if (created.length === 0) return false;
    this.signals.changed(id, 'created');
    return true;
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
      const ended = await this.change(
        `DELETE FROM clusters
         WHERE ${alive} AND (second_masters, master_changes, fetches, asked_at, members_revision, ${keyMarks})
           IS (?, ?, ?, ?, ?, ?)
         RETURNING id`,
        [
          id,
          this.clock.now(),
          row.secondMasters,
          row.masterChanges,
          row.fetches,
          row.askedAt,
          row.revision,
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
      hasFailed: 0 | 1;
    }>(
      `SELECT keys.sealed, expires_at AS expiresAt, master.added_at AS masterAddedAt,
         ${hasKey(MASTER_FAILED)} AND NOT ${hasKey(MASTER_READY)} AS hasFailed FROM clusters
       LEFT JOIN keys ON keys.cluster_id = clusters.id AND keys.name = ?
       LEFT JOIN keys AS master ON master.cluster_id = clusters.id AND master.name = '${MASTER_IP}'
       WHERE ${alive}`,
      [name, id, this.clock.now()],
    );
    if (!row) return undefined;
    const { sealed, expiresAt, masterAddedAt, hasFailed } = row;
    return {
      sealed: sealed ?? undefined,
      expiresAt,
      masterAddedAt: masterAddedAt ?? undefined,
      hasFailed: hasFailed === 1,
    };
  }

  async add(id: string, { name, sealed }: SealedKey): Promise<AddOutcome> {
    for (;;) {
      const added = await this.change<FirstMaster>(
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
    const replaced = await this.change<FirstMaster>(
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
    const removed = await this.change(
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

  async memberCounts(id: string): Promise<MemberCounts | undefined> {
    const [row] = await this.run<CountsRow>(`SELECT ${memberCounts} FROM clusters WHERE ${alive}`, [
      id,
      this.clock.now(),
    ]);
    return row && countsIn(row);
  }

  async members(id: string): Promise<MemberReading | undefined> {
    const rows = await this.run<CountsRow & (StoredMember | { handle: null })>(
      `SELECT ${memberCounts}, ${memberColumns} FROM clusters
       LEFT JOIN members ON members.cluster_id = clusters.id WHERE ${alive} ORDER BY position`,
      [id, this.clock.now()],
    );
    if (!rows[0]) return undefined;
    const members = rows
      .filter((row) => row.handle !== null)
      .map(({ handle, state, sealed, joinedAt, updatedAt }) => ({
        handle,
        state,
        sealed,
        joinedAt,
        updatedAt,
      }));
    return { ...countsIn(rows[0]), members };
  }

  async member(id: string, handle: string): Promise<StoredMember | 'missing' | 'no-cluster'> {
    const [row] = await this.run<StoredMember | { handle: null }>(
      `SELECT ${memberColumns} FROM clusters
       LEFT JOIN members ON members.cluster_id = clusters.id AND handle = ? WHERE ${alive}`,
      [handle, id, this.clock.now()],
    );
    if (!row) return 'no-cluster';
    return row.handle === null ? 'missing' : row;
  }

  async addMember(id: string, { handle, state, sealed }: SealedMember): Promise<AddMemberOutcome> {
    for (;;) {
      const now = this.clock.now();
      const [added] = await this.change<StoredMember>(
        `INSERT INTO members (cluster_id, handle, state, sealed, joined_at, updated_at)
         SELECT id, ?, ?, ?, ?, ? FROM clusters WHERE ${alive} AND joined < ?
         ON CONFLICT DO NOTHING RETURNING ${memberColumns}`,
        [handle, state, sealed, now, now, id, now, MAX_MEMBERS],
      );
      if (added) {
        this.signals.changed(id, 'members');
        return { outcome: 'added', member: added };
      }

      const member = await this.member(id, handle);
      if (member === 'no-cluster') return { outcome: member };
      if (member !== 'missing') return { outcome: 'exists', member };
      const counts = await this.memberCounts(id);
      if (counts && counts.workers.joined >= MAX_MEMBERS) return { outcome: 'full' };
      // The member that prevented it was removed meanwhile: try again.
    }
  }

  async replaceMember(
    id: string,
    expected: string,
    { handle, state, sealed }: SealedMember,
  ): Promise<ReplaceMemberOutcome> {
    const now = this.clock.now();
    const [replaced] = await this.change<StoredMember>(
      `UPDATE members SET state = ?, sealed = ?, updated_at = ?
       WHERE cluster_id IN (SELECT id FROM clusters WHERE ${alive}) AND handle = ? AND sealed = ?
       RETURNING ${memberColumns}`,
      [state, sealed, now, id, now, handle, expected],
    );
    if (replaced) {
      this.signals.changed(id, 'members');
      return { outcome: 'replaced', member: replaced };
    }
    const current = await this.member(id, handle);
    return { outcome: typeof current === 'string' ? 'missing' : 'changed' };
  }

  async removeMember(id: string, handle: string): Promise<RemoveMemberOutcome> {
    const removed = await this.change(
      `DELETE FROM members
       WHERE cluster_id IN (SELECT id FROM clusters WHERE ${alive}) AND handle = ? RETURNING handle`,
      [id, this.clock.now(), handle],
    );
    if (removed.length === 1) {
      this.signals.changed(id, 'members');
      return 'removed';
    }
    return (await this.memberCounts(id)) ? 'missing' : 'no-cluster';
  }

  async countSecondMaster(id: string): Promise<void> {
    await this.change(`UPDATE clusters SET second_masters = second_masters + 1 WHERE ${alive}`, [
      id,
      this.clock.now(),
    ]);
    this.signals.changed(id, 'second-master');
  }

  async countFetches(counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const now = this.clock.now();
    const counted = await this.change<{ id: string }>(
      `UPDATE clusters
       SET fetches = fetches + counts.value, first_fetched_at = coalesce(first_fetched_at, ?)
       FROM json_each(?) AS counts WHERE clusters.id = counts.key AND expires_at > ? RETURNING id`,
      [now, JSON.stringify(Object.fromEntries(counts)), now],
    );
    for (const { id } of counted) this.signals.changed(id, 'fetches');
    return new Map();
  }

  async markAsked(ids: readonly string[]): Promise<void> {
    const now = this.clock.now();
    await this.change(
      `UPDATE clusters SET asked_at = ?
       WHERE id IN (SELECT value FROM json_each(?)) AND asked_at IS NULL AND expires_at > ?`,
      [now, JSON.stringify(ids), now],
    );
  }

  async removeExpired(limit: number): Promise<number> {
    const removed = await this.change(
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
      `SELECT created_at AS createdAt, second_masters AS secondMasters, master_changes AS masterChanges, fetches,
         first_fetched_at AS firstFetchedAt, asked_at AS askedAt, completed_at AS completedAt, ${memberCounts},
         ${keyMarks} AS keys
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

  /** Runs a statement that reads. */
  private run<Row>(statement: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.answered(this.database.query<Row[]>(statement, parameters));
  }

  /** Runs a statement that changes something, together with others. */
  private change<Row>(statement: string, parameters: unknown[]): Promise<Row[]> {
    return this.answered(this.changes.run<Row>(statement, parameters));
  }

  private async answered<Row>(rows: Promise<Row[]>): Promise<Row[]> {
    try {
      return await rows;
    } catch (cause) {
      this.warn(`The embedded database failed: ${(cause as Error).message}.`);
      throw new PairingError('storage-unavailable', { cause });
    }
  }
}
