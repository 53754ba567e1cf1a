import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { endedAt, outcomeOf } from '../../src/issuances/issuance.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { PostgresServer } from '../support/postgres.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { Replica } from '../support/replica.js';

/** As many as one run settles, so that a run that was not killed would have settled all. */
const RECORDS = 1_000;
const SECOND = 1_000;
const TIMEOUT_MS = 60_000;

/** In the order of their records. */
const OUTCOMES = ['paired', 'lonely_master', 'lonely_worker', 'unused'] as const;

/** Issuances of clusters that ended an hour ago and have not been settled. */
const fill = (numbers: string, now: number) => `INSERT INTO issuances
  (id, version, hint, owner, address, created_at, expires_at, seen_at, fetches, second_masters, check_at,
   master_at, first_fetched_at, asked_at)
  SELECT 'record' || n, 1, 'enic', 'mcurie', '127.0.0.1', ${now - 25 * HOUR}, ${now - HOUR},
    ${now - 2 * HOUR}, 0, 0, ${now - HOUR},
    CASE WHEN n % 4 < 2 THEN ${now - 24 * HOUR} END,
    CASE WHEN n % 4 = 0 THEN ${now - 23 * HOUR} END,
    CASE WHEN n % 4 = 2 THEN ${now - 23 * HOUR} END
  FROM ${numbers}`;

const SETTLED = 'SELECT id, version FROM issuances WHERE check_at IS NULL';

type Query = (statement: string) => Promise<Record<string, unknown>[]>;

describe.each(['SQLite', 'Redis and PostgreSQL'])('Expiry on %s', (storage) => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  /** The storage, without a service: its settings, and how to ask it and fill it. */
  async function createStorage() {
    const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
    if (storage === 'SQLite') {
      const query: Query = async (statement) => {
        const file = new Database(join(dataDir, 'pairing.sqlite'));
        try {
          return file.prepare(statement).all() as Record<string, unknown>[];
        } finally {
          file.close();
        }
      };
      const numbers = `(WITH RECURSIVE counter (n) AS
        (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n < ${RECORDS - 1}) SELECT n FROM counter)`;
      return { env: { DATA_DIR: dataDir }, query, numbers };
    }
    const redis = cleanUp.add(await RedisServer.start());
    const postgres = cleanUp.add(await PostgresServer.start());
    const query: Query = (statement) => postgres.query(statement, 'pairing');
    const env = { DATA_DIR: dataDir, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
    return { env, query, numbers: `generate_series(0, ${RECORDS - 1}) AS n` };
  }

  it(
    'continues on another replica when its holder is killed, each issuance once',
    async () => {
      const { env, query, numbers } = await createStorage();
      const clock = new MovableClock(Date.now());
      await (await Replica.start(env, clock)).stop(); // makes the tables
      await query(fill(numbers, clock.now()));

      // Jest cannot load jose for both at once.
      const { startService } = await import('../support/service.js');
      const { program } = cleanUp.add(await startService(env));
      await until('a run to be under way', async () => (await query(SETTLED)).length > 0, 20_000);
      await program.stop('SIGKILL');
      const killedAt = Date.now();
      const before = (await query(SETTLED)).map(({ id }) => String(id));
      expect(before.length).toBeLessThan(RECORDS);

      clock.advance(killedAt - clock.now());
      const other = cleanUp.add(await Replica.start(env, clock));
      expect(await other.expiry.run()).toBeUndefined(); // the lease of who was killed
      clock.advance(60 * SECOND);
      const after = (await other.expiry.run())!.settled.map(({ id }) => id);

      const ids = Array.from({ length: RECORDS }, (_, n) => `record${n}`);
      expect([...before, ...after].toSorted()).toEqual(ids.toSorted());
      expect(new Set((await query(SETTLED)).map(({ version }) => version))).toEqual(new Set([2]));
      for (const [n, id] of ids.entries()) {
        const record = await other.record(id);
        expect(outcomeOf(record, clock.now())).toBe(OUTCOMES[n % OUTCOMES.length]);
        expect(endedAt(record, clock.now())).toBe(record.createdAt + 24 * HOUR);
      }
    },
    TIMEOUT_MS,
  );
});
