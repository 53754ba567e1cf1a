import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import {
  type Facts,
  factsOfOutcome,
  factsOfState,
  type Issuance,
} from '../../issuances/issuance.js';
import { type IssuanceFilter, IssuanceStore } from '../../issuances/issuance.store.js';
import { RecordDatabase } from './record-database.js';
import { type IssuanceRow, issuances } from './tables.js';

const workersThatCame = 'CASE WHEN i.joinedWorkers > 0 THEN i.joinedWorkers ELSE i.fetches END';

/** Each fact as a condition in SQL. `checkAt` is there for the partial index of records that are not settled. */
const conditions: Record<keyof Facts, [holds: string, fails: string]> = {
  ended: [
    '(i.revokedAt IS NOT NULL OR i.deletedAt IS NOT NULL OR i.expiresAt <= :now)',
    '(i.checkAt IS NOT NULL AND i.revokedAt IS NULL AND i.deletedAt IS NULL AND i.expiresAt > :now)',
  ],
  revoked: ['i.revokedAt IS NOT NULL', 'i.revokedAt IS NULL'],
  deleted: ['i.deletedAt IS NOT NULL', 'i.deletedAt IS NULL'],
  master: [
    '(i.masterAt IS NOT NULL OR i.failedAt IS NOT NULL)',
    '(i.masterAt IS NULL AND i.failedAt IS NULL)',
  ],
  ready: ['i.readyAt IS NOT NULL', 'i.readyAt IS NULL'],
  failed: ['i.failedAt IS NOT NULL', 'i.failedAt IS NULL'],
  met: [
    '(i.firstFetchedAt IS NOT NULL OR i.readyWorkers > 0 OR i.completedAt IS NOT NULL)',
    '(i.firstFetchedAt IS NULL AND i.readyWorkers = 0 AND i.completedAt IS NULL)',
  ],
  asked: [
    '(i.askedAt IS NOT NULL OR i.joinedWorkers > 0)',
    '(i.askedAt IS NULL AND i.joinedWorkers = 0)',
  ],
  short: [
    `(i.expectedWorkers IS NOT NULL AND i.completedAt IS NULL AND ${workersThatCame} < i.expectedWorkers)`,
    `(i.expectedWorkers IS NULL OR i.completedAt IS NOT NULL OR ${workersThatCame} >= i.expectedWorkers)`,
  ],
};

/** The columns by field. */
const columns = Object.fromEntries(
  Object.entries(issuances.options.columns).map(([field, column]) => [field, column.name!]),
);

/** By columns: TypeORM replaces the names of fields only in queries of its own. */
const isLive = conditions.ended[1].replaceAll(/(?<=i\.)\w+/g, (field) => columns[field]!);

/** Counts and inserts in one step. TypeORM's query builder cannot write that. */
const INSERT = `
  INSERT INTO "issuances" (${Object.values(columns).join(', ')})
  SELECT ${Object.keys(columns)
    .map((field) => `:${field}`)
    .join(', ')}
  WHERE (SELECT COUNT(*) FROM "issuances" i WHERE i.owner = :owner AND ${isLive}) < :maxLive
  RETURNING id`;

/** Issuances in SQL, for SQLite and PostgreSQL. */
@Injectable()
export class SqlIssuanceStore extends IssuanceStore {
  constructor(
    private readonly database: RecordDatabase,
    @InjectRepository(issuances) private readonly records: Repository<IssuanceRow>,
  ) {
    super();
  }

  get isUp(): boolean {
    return this.database.isUp;
  }

  async add(issuance: Issuance, maxLive: number): Promise<Issuance | undefined> {
    const row: IssuanceRow = { ...issuance, version: 1 };
    const { owner, createdAt: now } = row;
    const values = { ...row, now, maxLive };
    const added = await this.database.changeAlone(`issue to ${owner}`, INSERT, values);
    return added === 1 ? row : undefined;
  }

  async find(id: string): Promise<Issuance | undefined> {
    return this.database.run(async () => (await this.records.findOneBy({ id })) ?? undefined);
  }

  list(filter: IssuanceFilter, now: number, limit: number): Promise<Issuance[]> {
    const { owner, ended, state, outcome, since, until, after } = filter;
    return this.database.run(() => {
      const query = all(this.records);
      if (owner !== undefined) query.andWhere('i.owner = :owner', { owner });
      if (since !== undefined) query.andWhere('i.createdAt >= :since', { since });
      if (until !== undefined) query.andWhere('i.createdAt < :until', { until });
      if (after) query.andWhere('(i.createdAt, i.id) < (:createdAt, :id)', after);
      if (ended !== undefined) withFacts(query, { ended }, now);
      if (state) withFacts(query, factsOfState[state], now);
      if (outcome) withFacts(query, factsOfOutcome[outcome], now);
      return query.orderBy({ 'i.createdAt': 'DESC', 'i.id': 'DESC' }).limit(limit).getMany();
    });
  }

  due(now: number, limit: number): Promise<Issuance[]> {
    return this.database.run(() =>
      all(this.records)
        .where('i.checkAt <= :now', { now })
        .orderBy('i.checkAt')
        .limit(limit)
        .getMany(),
    );
  }

  countLive(now: number): Promise<number> {
    return this.database.run(() => withFacts(all(this.records), { ended: false }, now).getCount());
  }

  async update(read: Issuance, change: Partial<Issuance>): Promise<boolean> {
    const { id, version: before } = read as IssuanceRow;
    const next = { ...change, version: before + 1 };
    const assignments = Object.keys(next).map((field) => `${columns[field]} = :${field}`);
    const changed = await this.database.change(
      `UPDATE "issuances" SET ${assignments.join(', ')} WHERE id = :id AND version = :before RETURNING id`,
      { ...next, id, before },
    );
    return changed === 1;
  }

  removeBefore(time: number, limit: number): Promise<number> {
    return this.database.run(async () => {
      const old = all(this.records)
        .select('i.id', 'id')
        .where('i.createdAt < :time', { time })
        .orderBy('i.createdAt')
        .limit(limit);
      const removed = await this.records
        .createQueryBuilder()
        .delete()
        .where(`id IN (${old.getQuery()})`, { time })
        .execute();
      return removed.affected ?? 0;
    });
  }
}

function all(records: Repository<IssuanceRow>): SelectQueryBuilder<IssuanceRow> {
  return records.createQueryBuilder('i');
}

function withFacts<Query extends SelectQueryBuilder<IssuanceRow>>(
  query: Query,
  facts: Partial<Facts>,
  now: number,
): Query {
  for (const [fact, value] of Object.entries(facts)) {
    query.andWhere(conditions[fact as keyof Facts][value ? 0 : 1], { now });
  }
  return query;
}
