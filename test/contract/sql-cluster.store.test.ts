import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlClusterStore } from '../../src/storage/sql/sql-cluster.store.js';
import { openSqlite } from '../../src/storage/sql/sqlite.js';
import { describeClusterStore } from './cluster-store.contract.js';

describeClusterStore({
  name: 'SQL on SQLite',
  async start(clock) {
    const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    const database = await openSqlite(dataDir);
    return {
      store: new SqlClusterStore(database, clock),
      async stop() {
        await database.destroy();
        await rm(dataDir, { recursive: true });
      },
    };
  },
});
