import type { DataSource } from 'typeorm';
import type { Clock } from '../../clock/clock.js';
import { ClusterSignals } from '../../clusters/cluster.signals.js';
import { oncePerMinute } from '../once-per-minute.js';
import type { OpenStorage } from '../storage.js';
import { GroupCommit } from './group-commit.js';
import { SqlClusterStore } from './sql-cluster.store.js';

/** Opens the clusters in the embedded database, which is initialized. */
export function openClusters(
  database: DataSource,
  clock: Clock,
  warn: (message: string) => void,
): OpenStorage {
  const changes = GroupCommit.of(database);
  const signals = new ClusterSignals(); // one process, so signals stay in it
  return {
    clusters: new SqlClusterStore(database, clock, signals, changes, oncePerMinute(warn)),
    signals,
    limits: { counter: () => undefined }, // one process, one replica
    async close() {
      // Nest has closed it if the record is in it, too.
      if (database.isInitialized) await database.destroy();
    },
  };
}
