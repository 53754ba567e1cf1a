import { join } from 'node:path';
import Database from 'libsql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { StartError } from '../../errors/start-error.js';
import { LiveClusters1795392000000 } from './migrations/1795392000000-live-clusters.js';
import { LiveMarks1795478400000 } from './migrations/1795478400000-live-marks.js';
import { Issuances1795516200000 } from './migrations/1795516200000-issuances.js';
import { AliveByIndex1795564800000 } from './migrations/1795564800000-alive-by-index.js';
import { AskedInVain1795532400000 } from './migrations/1795532400000-asked-in-vain.js';
import { MasterChanges1795640400000 } from './migrations/1795640400000-master-changes.js';
import { RecordOfMasterChanges1795640460000 } from './migrations/1795640460000-record-of-master-changes.js';
import { Sessions1795651200000 } from './migrations/1795651200000-sessions.js';
import { Members1795654800000 } from './migrations/1795654800000-members.js';
import { RecordOfWorkers1795656600000 } from './migrations/1795656600000-record-of-workers.js';
import { keepPrivate } from './private-files.js';
import { issuances, leases, sessions } from './tables.js';

type SqliteOptions = Extract<DataSourceOptions, { type: 'better-sqlite3' }>;

/** The options of the embedded database, one SQLite file in `dataDir`. */
export function sqliteOptions(dataDir: string): SqliteOptions {
  return {
    type: 'better-sqlite3',
    driver: Database, // has the same interface and a prebuilt binary, so that nothing is compiled at installation
    database: fileIn(dataDir),
    enableWAL: true,
    // An acknowledged write survives a power cut, not only a crash of this process.
    prepareDatabase: (connection: Database.Database) => {
      connection.pragma('synchronous = FULL');
    },
    entities: [issuances, leases, sessions],
    migrations: [
      LiveClusters1795392000000,
      LiveMarks1795478400000,
      Issuances1795516200000,
      AskedInVain1795532400000,
      AliveByIndex1795564800000,
      MasterChanges1795640400000,
      RecordOfMasterChanges1795640460000,
      Sessions1795651200000,
      Members1795654800000,
      RecordOfWorkers1795656600000,
    ],
    migrationsRun: true,
    logging: false,
  };
}

/**
 * Opens the file of the embedded database, and brings its schema up to date. Fails with a `StartError` that names the
 * file.
 */
export async function initializeSqlite(
  database: DataSource,
  dataDir: string,
  warn: (message: string) => void,
): Promise<void> {
  const file = fileIn(dataDir);
  try {
    keepPrivate(dataDir, file, warn);
    await database.initialize();
  } catch (error) {
    throw new StartError(`The database file ${file} cannot be used: ${(error as Error).message}.`);
  }
}

/** An embedded database of its own: for clusters whose record is in PostgreSQL. */
export async function openSqlite(
  dataDir: string,
  warn: (message: string) => void = () => {},
): Promise<DataSource> {
  const database = new DataSource(sqliteOptions(dataDir));
  await initializeSqlite(database, dataDir, warn);
  return database;
}

/** The only connection of an embedded database, which is initialized. */
export function connectionOf({ driver }: DataSource): Database.Database {
  return (driver as unknown as { databaseConnection: Database.Database }).databaseConnection;
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'pairing.sqlite');
}
