import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClusters } from '../../src/storage/sql/open-clusters.js';
import { openSqlite } from '../../src/storage/sql/sqlite.js';
import { describeClusterStore, type StoreUnderTest } from './cluster-store.contract.js';
import { describeClusterSignals } from './cluster-signals.contract.js';
import { describeRaces } from './cluster-store.races.js';

const sqlite: StoreUnderTest = {
  name: 'SQL on SQLite',
  async start(clock) {
    const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    return {
      open: async () => openClusters(await openSqlite(dataDir), clock, console.warn),
      stop: () => rm(dataDir, { recursive: true }),
    };
  },
};

describeClusterStore(sqlite);
describeRaces(sqlite);
describeClusterSignals(sqlite, 1);
