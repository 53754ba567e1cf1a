import { DataSource, type EntityManager } from 'typeorm';
import { inBackground } from '../../errors/in-background.js';
import { PairingError } from '../../errors/pairing-error.js';
import { StartError } from '../../errors/start-error.js';
import { Issuances1795516200000 } from './migrations/1795516200000-issuances.js';
import { RecordOfMasterChanges1795640460000 } from './migrations/1795640460000-record-of-master-changes.js';
import { Sessions1795651200000 } from './migrations/1795651200000-sessions.js';
import type { RecordDatabase } from './record-database.js';
import { issuances, leases, sessions } from './tables.js';

const MIN_VERSION = 13;
const CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 3_000;
/** Between two attempts to connect, and between two checks of an idle connection. */
const PAUSE_MS = 1_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** Any number, the same on every replica. */
const MIGRATION_LOCK = 1_795_516_200;

/**
 * Supervises the connection to PostgreSQL, which may be away. Nothing waits for the connection, and a connection that
 * fails is replaced. A problem is logged once, and so is its end.
 */
export class PostgresDatabase implements RecordDatabase {
  private connected: DataSource | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private problem: string | undefined;

  private constructor(
    private readonly url: string,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * Tries to connect, and tries again in the background. Fails with a `StartError` only when `url` is not a valid
   * `DATABASE_URL`.
   */
  static async open(url: string, warn: (message: string) => void): Promise<PostgresDatabase> {
    if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
      throw new StartError(
        'DATABASE_URL must be postgres://[user:password@]host[:port]/database[?sslmode=…].',
      );
    }
    const database = new PostgresDatabase(withVerifiedTls(url), warn);
    await database.supervise();
    return database;
  }

  get isUp(): boolean {
    return this.connected !== undefined;
  }

  async run<T>(work: (entities: EntityManager) => Promise<T>): Promise<T> {
    const { connected } = this;
    if (!connected) throw new PairingError('storage-unavailable', { cause: this.problem });
    try {
      return await work(connected.manager);
    } catch (cause) {
      if (!isFaultOfConnection(cause)) throw cause;
      this.onConnectionLost(connected, cause);
      throw new PairingError('storage-unavailable', { cause });
    }
  }

  withLock<T>(name: string, work: (entities: EntityManager) => Promise<T>): Promise<T> {
    return this.run((entities) =>
      entities.transaction(async (transaction) => {
        await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
        return work(transaction);
      }),
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const { connected } = this;
    this.connected = undefined;
    // A connection that hangs must not keep the process alive.
    if (connected) await Promise.race([destroy(connected), closeTimeout()]);
  }

  /** Connects, or checks the connection, and repeats this after a pause. */
  private async supervise(): Promise<void> {
    if (this.connected) await this.run((entities) => entities.query('SELECT 1')).catch(() => {});
    else await this.connect();
    if (this.closed) return;
    this.timer = setTimeout(
      () => inBackground('Connecting to PostgreSQL', this.supervise()),
      PAUSE_MS,
    ).unref();
  }

  private async connect(): Promise<void> {
    try {
      const connected = await connect(this.url);
      if (this.closed) return await destroy(connected);
      this.connected = connected;
      if (this.problem !== undefined) this.warn('PostgreSQL is back.');
      this.problem = undefined;
    } catch (error) {
      this.warnOnce(error);
    }
  }

  private onConnectionLost(lost: DataSource, cause: unknown): void {
    if (this.connected !== lost) return;
    this.connected = undefined;
    this.warnOnce(cause);
    inBackground('Closing a connection to PostgreSQL', destroy(lost));
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

/**
 * Makes every `sslmode` with TLS verify the server's certificate and name, because TLS with an unverified server
 * protects nothing. pg does so today, but warns that its next version will not, as libpq does not.
 */
function withVerifiedTls(url: string): string {
  return url.replace(/(?<=[?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, 'verify-full');
}

/** Connects, and brings the schema up to date. Fails when the server cannot be used. */
async function connect(url: string): Promise<DataSource> {
  const migrating = await initialize(url, 0);
  try {
    await assertUsable(migrating);
    await migrate(migrating);
  } finally {
    await destroy(migrating);
  }
  return initialize(url, QUERY_TIMEOUT_MS);
}

function initialize(url: string, queryTimeoutMs: number): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: 'cernvm-cluster-pairing',
    entities: [issuances, leases, sessions],
    migrations: [Issuances1795516200000, RecordOfMasterChanges1795640460000, Sessions1795651200000],
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolSize: CONNECTIONS,
    extra: {
      keepAlive: true,
      query_timeout: queryTimeoutMs,
      statement_timeout: queryTimeoutMs,
    },
    poolErrorHandler: () => {}, // the next query on the connection fails, and is handled
    installExtensions: false,
    logging: false,
  }).initialize();
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

function closeTimeout(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, CLOSE_TIMEOUT_MS).unref();
  });
}
