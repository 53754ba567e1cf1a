import { Logger, Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { oncePerMinute } from '../once-per-minute.js';
import { EmbeddedRecord } from './embedded-record.js';
import { postgresOptions } from './postgres-options.js';
import { PostgresDatabase } from './postgres.js';
import { RecordDatabase } from './record-database.js';
import { SqlIssuanceStore } from './sql-issuance.store.js';
import { SqlLeases } from './sql-leases.js';
import { SqlSessionStore } from './sql-session.store.js';
import { initializeSqlite, sqliteOptions } from './sqlite.js';
import { issuances, leases, sessions } from './tables.js';

/**
 * The database of issuances, sessions and leases: PostgreSQL if `DATABASE_URL` is set, else the embedded one. The
 * application starts while PostgreSQL is away, so Nest only makes the `DataSource`, and `RecordDatabase` initializes it
 * (ADR 22).
 */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Settings],
      useFactory: ({ databaseUrl, dataDir }: Settings): TypeOrmModuleOptions => ({
        ...(databaseUrl === undefined ? sqliteOptions(dataDir) : postgresOptions(databaseUrl)),
        manualInitialization: true,
      }),
    }),
    TypeOrmModule.forFeature([issuances, leases, sessions]),
  ],
  providers: [
    { provide: RecordDatabase, inject: [Settings, DataSource], useFactory: openRecord },
    SqlIssuanceStore,
    SqlLeases,
    SqlSessionStore,
  ],
  exports: [RecordDatabase, SqlIssuanceStore, SqlLeases, SqlSessionStore],
})
export class RecordModule {}

async function openRecord(
  { databaseUrl, dataDir }: Settings,
  database: DataSource,
): Promise<RecordDatabase> {
  const logger = new Logger('Storage');
  const warn = (message: string) => logger.warn(message);
  if (databaseUrl !== undefined) return PostgresDatabase.open(database, warn);
  await initializeSqlite(database, dataDir, warn);
  return new EmbeddedRecord(database, oncePerMinute(warn));
}
