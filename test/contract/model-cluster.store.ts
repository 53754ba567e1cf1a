import type { Clock } from '../../src/clock/clock.js';
import { type Cluster, MAX_KEYS } from '../../src/clusters/cluster.js';
import {
  type AddOutcome,
  ClusterStore,
  type ReplaceOutcome,
  type SealedKey,
} from '../../src/clusters/cluster.store.js';

interface ModelCluster extends Pick<Cluster, 'createdAt' | 'expiresAt'> {
  keys: SealedKey[];
  secondMasters: number;
}

/** The state machine of a cluster as plainly as it can be said: what adapters are compared with. */
export class ModelClusterStore extends ClusterStore {
  private readonly clusters = new Map<string, ModelCluster>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async create(id: string, lifetime: Pick<Cluster, 'createdAt' | 'expiresAt'>): Promise<boolean> {
    if (this.clusters.has(id)) return false;
    this.clusters.set(id, { ...lifetime, keys: [], secondMasters: 0 });
    return true;
  }

  async find(id: string): Promise<Cluster | undefined> {
    const cluster = this.alive(id);
    if (!cluster) return undefined;
    const { keys, ...rest } = cluster;
    return { ...rest, keyNames: keys.map(({ name }) => name) };
  }

  async end(id: string): Promise<boolean> {
    return this.alive(id) !== undefined && this.clusters.delete(id);
  }

  async keys(id: string): Promise<SealedKey[] | undefined> {
    return this.alive(id)?.keys;
  }

  async key(id: string, name: string): Promise<string | undefined> {
    return this.value(id, name);
  }

  async add(id: string, key: SealedKey): Promise<AddOutcome> {
    const cluster = this.alive(id);
    if (!cluster) return { outcome: 'no-cluster' };
    const existing = this.value(id, key.name);
    if (existing !== undefined) return { outcome: 'exists', sealed: existing };
    if (cluster.keys.length >= MAX_KEYS) return { outcome: 'full' };
    cluster.keys.push(key);
    return { outcome: 'added' };
  }

  async replace(
    id: string,
    name: string,
    expected: string,
    next: SealedKey,
  ): Promise<ReplaceOutcome> {
    const current = this.value(id, name);
    if (current === undefined) return 'missing';
    if (next.name !== name && this.value(id, next.name) !== undefined) return 'taken';
    if (current !== expected) return 'changed';
    const { keys } = this.alive(id)!;
    keys.splice(
      keys.findIndex((key) => key.name === name),
      1,
      next,
    );
    return 'replaced';
  }

  async remove(id: string, name: string): Promise<boolean> {
    const keys = this.alive(id)?.keys ?? [];
    const index = keys.findIndex((key) => key.name === name);
    return index !== -1 && keys.splice(index, 1).length === 1;
  }

  async countSecondMaster(id: string): Promise<void> {
    const cluster = this.alive(id);
    if (cluster) cluster.secondMasters++;
  }

  async check(): Promise<string[]> {
    return [];
  }

  private value(id: string, name: string): string | undefined {
    return this.alive(id)?.keys.find((key) => key.name === name)?.sealed;
  }

  private alive(id: string): ModelCluster | undefined {
    const cluster = this.clusters.get(id);
    return cluster && cluster.expiresAt > this.clock.now() ? cluster : undefined;
  }
}
