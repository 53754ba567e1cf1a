import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../../src/config/config.module.js';
import { readSettings } from '../../src/config/read-settings.js';
import { RecordDatabase } from '../../src/storage/sql/record-database.js';
import { RecordModule } from '../../src/storage/sql/record.module.js';
import { SqlIssuanceStore } from '../../src/storage/sql/sql-issuance.store.js';
import { SqlLeases } from '../../src/storage/sql/sql-leases.js';
import { SqlSessionStore } from '../../src/storage/sql/sql-session.store.js';

/** Opens the record's database, as the service does with these settings, and without the rest of it. */
export async function openRecord(env: { DATA_DIR: string } | { DATABASE_URL: string }) {
  const settings = readSettings({ PIN_SECRET: 'x'.repeat(32), ...env });
  const app = await NestFactory.createApplicationContext(
    {
      module: class TestModule {},
      imports: [ConfigModule.with(settings), RecordModule],
    },
    { logger: ['error', 'warn'], abortOnError: false },
  );
  return {
    database: app.get(RecordDatabase, { strict: false }),
    issuances: app.get(SqlIssuanceStore, { strict: false }),
    leases: app.get(SqlLeases, { strict: false }),
    sessions: app.get(SqlSessionStore, { strict: false }),
    close: () => app.close(),
  };
}
