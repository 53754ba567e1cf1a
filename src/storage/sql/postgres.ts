import type { BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { inBackground } from '../../errors/in-background.js';
import { PairingError } from '../../errors/pairing-error.js';
import { Issuances1795516200000 } from './migrations/1795516200000-issuances.js';
import { RecordOfMasterChanges1795640460000 } from './migrations/1795640460000-record-of-master-changes.js';
import { Sessions1795651200000 } from './migrations/1795651200000-sessions.js';
import { RecordOfWorkers1795656600000 } from './migrations/1795656600000-record-of-workers.js';
import { positional } from './positional.js';
import { type PostgresOptions, timeouts } from './postgres-options.js';
import { RecordDatabase, type Values } from './record-database.js';

const MIN_VERSION = 13;
/** Between two attempts to connect, and between two checks of an idle connection. */
const PAUSE_MS = 1_000;
/** Any number, the same on every replica. */
const MIGRATION_LOCK = 1_795_516_200;

/**
 * Supervises the connections to PostgreSQL, which may be away. Nothing waits for them, and connections that fail are
 * replaced by new ones of the same `DataSource`. A problem is logged once, and so is its end.
 */
export class PostgresDatabase extends RecordDatabase implements BeforeApplicationShutdown {
  /** A new one after each connect, so that a late failure of an earlier connection does not count for this one. */
  private connection: symbol | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private problem: string | undefined;

  private constructor(
    private readonly database: DataSource,
    private readonly warn: (message: string) => void,
  ) {
    super();
  }

  /** Tries to connect, and tries again in the background. */
  static async open(
    database: DataSource,
    warn: (message: string) => void,
  ): Promise<PostgresDatabase> {
    const supervised = new PostgresDatabase(database, warn);
    await supervised.supervise();
    return supervised;
  }

  get isUp(): boolean {
    return this.connection !== undefined;
  }

  async run<T>(work: (entities: EntityManager) => Promise<T>): Promise<T> {
    const { connection } = this;
    if (!connection) throw new PairingError('storage-unavailable', { cause: this.problem });
    try {
      return await work(this.database.manager);
    } catch (cause) {
      if (!isFaultOfConnection(cause)) throw cause;
      if (connection === this.connection) this.onConnectionLost(cause);
      throw new PairingError('storage-unavailable', { cause });
    }
  }

  change(statement: string, values: Values): Promise<number> {
    return this.run((entities) => rowsChanged(entities, statement, values));
  }

  changeAlone(name: string, statement: string, values: Values): Promise<number> {
    return this.run((entities) =>
      entities.transaction(async (transaction) => {
        await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
        return rowsChanged(transaction, statement, values);
      }),
    );
  }

  /** Stops supervising. Requests in flight may still use the connections, which Nest closes afterwards. */
  beforeApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Connects, or checks the connection, and repeats this after a pause. */
  private async supervise(): Promise<void> {
    if (this.connection) await this.run((entities) => entities.query('SELECT 1')).catch(() => {});
    else await this.connect();
    if (this.stopped) return;
    this.timer = setTimeout(
      () => inBackground('Connecting to PostgreSQL', this.supervise()),
      PAUSE_MS,
    ).unref();
  }

  private async connect(): Promise<void> {
    try {
      if (this.database.isInitialized) await this.database.destroy();
      await prepare(this.database.options as PostgresOptions);
      if (this.stopped) return;
      await this.database.initialize();
      if (this.stopped) return await destroy(this.database);
      this.connection = Symbol('connection');
      if (this.problem !== undefined) this.warn('PostgreSQL is back.');
      this.problem = undefined;
    } catch (error) {
      this.warnOnce(error);
    }
  }

  private onConnectionLost(cause: unknown): void {
    this.connection = undefined;
    this.warnOnce(cause);
  }

  /** Logs a problem unless it is the last one that was logged. */
  private warnOnce(error: unknown): void {
    const problem = (error as Error).message;
    if (problem !== this.problem) {
      this.warn(`PostgreSQL cannot be used, so no PIN can be issued: ${problem}.`);
    }
    this.problem = problem;
  }
}

/** TypeORM gives the rows that an INSERT returns, but of an UPDATE the rows and their number. */
async function rowsChanged(
  entities: EntityManager,
  statement: string,
  values: Values,
): Promise<number> {
  const query = positional(statement, values, entities.dataSource);
  const result = await entities.query<object[] | [object[], number]>(...query);
  const [first] = result;
  return Array.isArray(first) ? first.length : result.length;
}

/**
 * Fails when the server cannot be used, and brings the schema up to date. A migration may take longer than a statement
 * of the service, and pg cannot lift its limit for a connection that exists: hence a `DataSource` of its own.
 */
async function prepare(options: PostgresOptions): Promise<void> {
  const migrating = new DataSource({
    ...options,
    migrations: [
      Issuances1795516200000,
      RecordOfMasterChanges1795640460000,
      Sessions1795651200000,
      RecordOfWorkers1795656600000,
    ],
    extra: { ...(options.extra as object), ...timeouts(0) },
  });
  await migrating.initialize();
  try {
    await assertUsable(migrating);
    await migrate(migrating);
  } finally {
    await destroy(migrating);
  }
}

async function assertUsable(database: DataSource): Promise<void> {
  const [server] = await database.query<{ version: string; number: string; readonly: string }[]>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
       current_setting('transaction_read_only') AS readonly`,
  );
  if (Number(server!.number) < MIN_VERSION * 10_000) {
    throw new Error(`it is ${server!.version}, and ${MIN_VERSION} or newer is needed`);
  }
  if (server!.readonly === 'on') throw new Error('it is read-only');
}

/** Migrates while other replicas wait. If the process dies, its connection and with it the lock end. */
async function migrate(database: DataSource): Promise<void> {
  const lock = database.createQueryRunner();
  await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    await database.runMigrations();
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await lock.release();
  }
}

/**
 * Whether the connection failed, and not the statement: no answer at all, or an error of class 08
 * (connection), 25006 (read-only, after a failover), 53 (resources) or 57 (shutdown, time-out).
 * (PostgreSQL manual, appendix A)
 */
function isFaultOfConnection(error: unknown): boolean {
  const { code } = (error as { driverError?: { code?: unknown } }).driverError ?? {};
  return typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || /^(08|25006|53|57)/.test(code);
}

async function destroy(database: DataSource): Promise<void> {
  await database.destroy().catch(() => {});
}
