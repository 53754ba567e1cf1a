import type { Clock } from '../../clock/clock.js';
import { seldom } from '../seldom.js';
import type { OpenStorage } from '../storage.js';
import { SqlClusterStore } from './sql-cluster.store.js';
import { openSqlite } from './sqlite.js';

/** Opens the embedded database in `dataDir`. Fails with a `StartError` that names the file. */
export async function openSql(
  dataDir: string,
  clock: Clock,
  warn: (message: string) => void,
): Promise<OpenStorage> {
  const database = await openSqlite(dataDir);
  return {
    clusters: new SqlClusterStore(database, clock, seldom(warn)),
    close: () => database.destroy(),
  };
}
