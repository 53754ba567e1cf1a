import type { Clock } from '../../src/clock/clock.js';
import { type Cluster, type KeyMark, MAX_KEYS } from '../../src/clusters/cluster.js';
import {
  type AddOutcome,
  ClusterStore,
  type StoredKey,
  type ReplaceOutcome,
  type SealedKey,
} from '../../src/clusters/cluster.store.js';

interface ModelCluster extends Pick<Cluster, 'createdAt' | 'expiresAt'> {
  keys: (SealedKey & KeyMark)[];
  secondMasters: number;
  fetches: number;
  firstFetchedAt: number | undefined;
  askedAt: number | undefined;
}

/** The state machine of a cluster as plainly as it can be said: what adapters are compared with. */
export class ModelClusterStore extends ClusterStore {
  private readonly clusters = new Map<string, ModelCluster>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async create(id: string, lifetime: Pick<Cluster, 'createdAt' | 'expiresAt'>): Promise<boolean> {
    if (this.clusters.has(id)) return false;
    this.clusters.set(id, {
      ...lifetime,
      keys: [],
      secondMasters: 0,
      fetches: 0,
      firstFetchedAt: undefined,
      askedAt: undefined,
    });
    return true;
  }

  async find(id: string): Promise<Cluster | undefined> {
    const cluster = this.alive(id);
    if (!cluster) return undefined;
    const { keys, ...rest } = cluster;
    return { ...rest, keys: keys.map(({ name, addedAt }) => ({ name, addedAt })) };
  }

  async liveIds(): Promise<string[]> {
    return [...this.clusters.keys()].filter((id) => this.alive(id));
  }

  async end(id: string): Promise<Cluster | undefined> {
    const ended = await this.find(id);
    if (ended) this.clusters.delete(id);
    return ended;
  }

  async keys(id: string): Promise<SealedKey[] | undefined> {
    return this.alive(id)?.keys.map(({ name, sealed }) => ({ name, sealed }));
  }

  async key(id: string, name: string): Promise<StoredKey | undefined> {
    const cluster = this.alive(id);
    return cluster && { sealed: this.value(id, name), expiresAt: cluster.expiresAt };
  }

  async add(id: string, key: SealedKey): Promise<AddOutcome> {
    const cluster = this.alive(id);
    if (!cluster) return { outcome: 'no-cluster' };
    const existing = this.value(id, key.name);
    if (existing !== undefined) return { outcome: 'exists', sealed: existing };
    if (cluster.keys.length >= MAX_KEYS) return { outcome: 'full' };
    cluster.keys.push({ ...key, addedAt: this.clock.now() });
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
    const index = keys.findIndex((key) => key.name === name);
    keys[index] = { ...keys[index]!, ...next };
    return 'replaced';
  }

  async remove(id: string, name: string): Promise<boolean | undefined> {
    const keys = this.alive(id)?.keys;
    if (!keys) return undefined;
    const index = keys.findIndex((key) => key.name === name);
    return index !== -1 && keys.splice(index, 1).length === 1;
  }

  async countSecondMaster(id: string): Promise<void> {
    const cluster = this.alive(id);
    if (cluster) cluster.secondMasters++;
  }

  async countFetches(counts: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, count] of counts) {
      const cluster = this.alive(id);
      if (!cluster) continue;
      cluster.fetches += count;
      cluster.firstFetchedAt ??= this.clock.now();
    }
  }

  async markAsked(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const cluster = this.alive(id);
      if (cluster) cluster.askedAt ??= this.clock.now();
    }
  }

  async removeExpired(limit: number): Promise<number> {
    const expired = [...this.clusters.keys()].filter((id) => !this.alive(id)).slice(0, limit);
    for (const id of expired) this.clusters.delete(id);
    return expired.length;
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
