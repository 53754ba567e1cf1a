import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IssuanceStore } from '../../src/issuances/issuance.store.js';
import type { RecordDatabase } from '../../src/storage/sql/record-database.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { issuanceOf } from '../support/issuances.js';
import { PostgresServer } from '../support/postgres.js';
import { openRecord } from '../support/record.js';
import { Replica } from '../support/replica.js';

const RECORDS = 1_000_000;
const OWNERS = 1_000;
const DAY = 24 * HOUR;
const ALLOWED_MS = 50;
const NOW = Date.now();
const OWNER = 'user7';

/** Settled records of the last 384 days, of one owner after another; `n` counts them. */
const FILL = `INSERT INTO issuances
  (id, version, hint, owner, address, created_at, expires_at, seen_at, fetches, second_masters)
  SELECT 'record' || n, 1, 'enic', 'user' || (n % ${OWNERS}), '127.0.0.1',
    ${NOW - 2 * DAY} - n * CAST(33000 AS BIGINT), ${NOW - DAY} - n * CAST(33000 AS BIGINT), 1, 0, 0
  FROM`;
const COUNT = {
  PostgreSQL: `generate_series(1, ${RECORDS}) AS n`,
  SQLite: `(WITH RECURSIVE counter (n) AS
    (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ${RECORDS}) SELECT n FROM counter)`,
};

/** What is asked of the record, and the index that it is found by. */
const after = { createdAt: NOW - 100 * DAY, id: 'x' };
const questions: [string, RegExp, (records: IssuanceStore) => Promise<unknown>][] = [
  [
    'a page of one’s PINs',
    /issuances_of_owner/,
    (records) => records.list({ owner: OWNER, after }, NOW, 51),
  ],
  ['a page of everyone’s', /issuances_by_time/, (records) => records.list({ after }, NOW, 51)],
  [
    'one’s PINs that live',
    /issuances_(unsettled_)?of_owner/,
    (records) => records.list({ owner: OWNER, ended: false }, NOW, 200),
  ],
  [
    'how many of one’s PINs live',
    /issuances_unsettled_of_owner/,
    (records) => records.add(issuanceOf({ owner: OWNER, createdAt: NOW }), 0),
  ],
  ['how many PINs live', /issuances_(unsettled_of_owner|due)/, (records) => records.countLive(NOW)],
  ['what is due', /issuances_due/, (records) => records.due(NOW, 20)],
  [
    'what is past its retention',
    /issuances_by_time/,
    (records) => records.removeBefore(NOW - 400 * DAY, 200),
  ],
];

describe.each(['SQLite', 'PostgreSQL'] as const)('With a million records in %s', (storage) => {
  const cleanUp = new CleanUp();
  let database: RecordDatabase;
  let issuances: IssuanceStore;
  let replica: Replica;
  let empty: Record<'list' | 'run', number>;
  let full: Record<'list' | 'run', number>;

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
    const env: NodeJS.ProcessEnv = { DATA_DIR: dataDir };
    const statement = `${FILL} ${COUNT[storage]}`;
    let fill: () => Promise<unknown>;
    if (storage === 'PostgreSQL') {
      const postgres = cleanUp.add(await PostgresServer.start());
      env['DATABASE_URL'] = postgres.url;
      ({ database, issuances } = cleanUp.add(await openRecord({ DATABASE_URL: postgres.url })));
      // In a connection of its own: it takes longer than the service waits.
      fill = () => postgres.query(`${statement}; ANALYZE issuances`, 'pairing');
    } else {
      ({ database, issuances } = cleanUp.add(await openRecord({ DATA_DIR: dataDir })));
      fill = () => database.run((entities) => entities.query(statement));
    }
    replica = cleanUp.add(await Replica.start(env, new MovableClock(NOW)));
    empty = await measure();
    await fill();
    full = await measure();
  }, 300_000);
  afterAll(() => cleanUp.run(), 60_000);

  async function measure() {
    return {
      list: await median(() => replica.list(OWNER)),
      run: await median(() => replica.expiry.run()),
    };
  }

  /** Gives the plans of the statements that `work` has the database run. */
  async function plansOf(work: (records: IssuanceStore) => Promise<unknown>): Promise<string[]> {
    const asked: [string, unknown[]][] = [];
    await database.run(async ({ dataSource }) => {
      const { logger } = dataSource;
      dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
        logQuery: (statement: string, parameters: unknown[] = []) => {
          if (statement.includes('"issuances"')) asked.push([statement, parameters]);
        },
      });
      await work(issuances);
      dataSource.logger = logger;
    });
    const explain = storage === 'SQLite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
    return database.run((entities) =>
      Promise.all(
        asked.map(async ([statement, parameters]) => {
          const lines = await entities.query<object[]>(`${explain} ${statement}`, parameters);
          return lines.map((line) => Object.values(line).at(-1) as string).join('\n');
        }),
      ),
    );
  }

  it('there are a million records', async () => {
    const [row] = await database.run((entities) =>
      entities.query<object[]>('SELECT CAST(count(*) AS TEXT) AS records FROM issuances'),
    );
    expect(row).toEqual({ records: String(RECORDS) });
    expect(await replica.list(OWNER)).toHaveLength(51);
  });

  it.each(questions)('%s is found by an index', async (_, index, ask) => {
    const [plan, ...more] = await plansOf(ask);
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/Seq Scan|SCAN \w+$/m);
    expect(more).toEqual([]);
  });

  it.each([
    ['listing one’s PINs', 'list'],
    ['a run of the scheduler', 'run'],
  ] as const)(`%s takes at most ${ALLOWED_MS} ms longer than with none`, (_, what) => {
    expect(full[what] - empty[what]).toBeLessThan(ALLOWED_MS);
  });
});

/** The median of several, in milliseconds. */
async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 21; n++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.toSorted((one, other) => one - other)[10]!;
}
