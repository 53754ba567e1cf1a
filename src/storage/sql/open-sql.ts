import type { Clock } from '../../clock/clock.js';
import { ClusterSignals } from '../../clusters/cluster.signals.js';
import { oncePerMinute } from '../once-per-minute.js';
import type { OpenRecord, OpenStorage } from '../storage.js';
import { EmbeddedRecord } from './embedded-record.js';
import { PostgresDatabase } from './postgres.js';
import type { RecordDatabase } from './record-database.js';
import { SqlClusterStore } from './sql-cluster.store.js';
import { SqlIssuanceStore } from './sql-issuance.store.js';
import { SqlLeases } from './sql-leases.js';
import { SqlSessionStore } from './sql-session.store.js';
import { openSqlite } from './sqlite.js';

/** Opens the embedded database in `dataDir`. Fails with a `StartError` that names the file. */
export async function openSql(
  dataDir: string,
  clock: Clock,
  warn: (message: string) => void,
): Promise<OpenStorage & OpenRecord> {
  const database = await openSqlite(dataDir, warn);
  const warnThrottled = oncePerMinute(warn);
  const signals = new ClusterSignals(); // one process, so signals stay in it
  return {
    clusters: new SqlClusterStore(database, clock, signals, warnThrottled),
    signals,
    limits: { counter: () => undefined }, // one process, one replica
    ...recordIn(new EmbeddedRecord(database, warnThrottled)),
  };
}

/** Opens the PostgreSQL of a `DATABASE_URL`. It may be away: `warn` is called then. */
export async function openPostgres(
  url: string,
  warn: (message: string) => void,
): Promise<OpenRecord> {
  return recordIn(await PostgresDatabase.open(url, warn));
}

function recordIn(database: RecordDatabase): OpenRecord {
  return {
    issuances: new SqlIssuanceStore(database),
    leases: new SqlLeases(database),
    sessions: new SqlSessionStore(database),
    close: () => database.close(),
  };
}
