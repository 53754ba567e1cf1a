import type { Clock } from '../../src/clock/clock.js';
import {
  type Cluster,
  type KeyMark,
  MASTER_IP,
  MASTER_READY,
  MAX_KEYS,
  MAX_MEMBERS,
  type MemberState,
  stateOf,
} from '../../src/clusters/cluster.js';
import {
  type AddMemberOutcome,
  type AddOutcome,
  ClusterStore,
  type MemberCounts,
  type MemberReading,
  type NewCluster,
  type RemoveMemberOutcome,
  type RemoveOutcome,
  type ReplaceMemberOutcome,
  type SealedMember,
  type StoredMember,
  type StoredKey,
  type ReplaceOutcome,
  type SealedKey,
} from '../../src/clusters/cluster.store.js';

interface ModelCluster extends Pick<Cluster, 'createdAt' | 'expiresAt'> {
  keys: (SealedKey & KeyMark)[];
  secondMasters: number;
  masterChanges: number;
  firstMaster: string | undefined;
  fetches: number;
  firstFetchedAt: number | undefined;
  askedAt: number | undefined;
  expectedWorkers: number | undefined;
  members: StoredMember[];
  revision: number;
  completedAt: number | undefined;
}

/** The state machine of a cluster as plainly as it can be said: what adapters are compared with. */
export class ModelClusterStore extends ClusterStore {
  private readonly clusters = new Map<string, ModelCluster>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async create(id: string, cluster: NewCluster): Promise<boolean> {
    if (this.clusters.has(id)) return false;
    const { createdAt, expiresAt, expectedWorkers } = cluster;
    this.clusters.set(id, {
      createdAt,
      expiresAt,
      expectedWorkers,
      members: [],
      revision: 0,
      completedAt: undefined,
      keys: [],
      secondMasters: 0,
      masterChanges: 0,
      firstMaster: undefined,
      fetches: 0,
      firstFetchedAt: undefined,
      askedAt: undefined,
    });
    return true;
  }

  async find(id: string): Promise<Cluster | undefined> {
    const cluster = this.alive(id);
    if (!cluster) return undefined;
    const { createdAt, expiresAt, secondMasters, masterChanges, fetches } = cluster;
    const { firstFetchedAt, askedAt, completedAt } = cluster;
    return {
      createdAt,
      expiresAt,
      keys: cluster.keys.map(({ name, addedAt }) => ({ name, addedAt })),
      secondMasters,
      masterChanges,
      fetches,
      firstFetchedAt,
      askedAt,
      workers: countsOf(cluster).workers,
      completedAt,
    };
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
    if (!cluster) return undefined;
    const master = cluster.keys.find((key) => key.name === 'master_ip');
    const { expiresAt } = cluster;
    const hasFailed = stateOf(cluster) === 'failed';
    return { sealed: this.value(id, name), expiresAt, masterAddedAt: master?.addedAt, hasFailed };
  }

  async add(id: string, key: SealedKey): Promise<AddOutcome> {
    const cluster = this.alive(id);
    if (!cluster) return { outcome: 'no-cluster' };
    const existing = this.value(id, key.name);
    const firstMaster = key.name === MASTER_IP ? cluster.firstMaster : undefined;
    if (existing !== undefined) return { outcome: 'exists', sealed: existing, firstMaster };
    if (cluster.keys.length >= MAX_KEYS) return { outcome: 'full' };
    cluster.keys.push({ ...key, addedAt: this.clock.now() });
    this.countMasterChanges(cluster, undefined, key.name);
    return { outcome: 'added', firstMaster };
  }

  async replace(
    id: string,
    name: string,
    expected: string,
    next: SealedKey,
  ): Promise<ReplaceOutcome> {
    const current = this.value(id, name);
    if (current === undefined) return { outcome: 'missing' };
    if (next.name !== name && this.value(id, next.name) !== undefined) return { outcome: 'taken' };
    if (current !== expected) return { outcome: 'changed' };
    const cluster = this.alive(id)!;
    const { keys, firstMaster } = cluster;
    this.countMasterChanges(cluster, name, next.name);
    const index = keys.findIndex((key) => key.name === name);
    keys[index] = { ...keys[index]!, ...next };
    const returns = name !== MASTER_IP && next.name === MASTER_IP;
    return { outcome: 'replaced', firstMaster: returns ? firstMaster : undefined };
  }

  async remove(id: string, name: string, expected: string): Promise<RemoveOutcome> {
    const cluster = this.alive(id);
    if (!cluster) return 'no-cluster';
    const current = this.value(id, name);
    if (current === undefined) return 'missing';
    if (current !== expected) return 'changed';
    this.countMasterChanges(cluster, name, undefined);
    cluster.keys = cluster.keys.filter((key) => key.name !== name);
    return 'removed';
  }

  async memberCounts(id: string): Promise<MemberCounts | undefined> {
    const cluster = this.alive(id);
    return cluster && countsOf(cluster);
  }

  async members(id: string): Promise<MemberReading | undefined> {
    const cluster = this.alive(id);
    return cluster && { ...countsOf(cluster), members: [...cluster.members] };
  }

  async member(id: string, handle: string): Promise<StoredMember | 'missing' | 'no-cluster'> {
    if (!this.alive(id)) return 'no-cluster';
    return this.memberOf(id, handle) ?? 'missing';
  }

  async addMember(id: string, member: SealedMember): Promise<AddMemberOutcome> {
    const cluster = this.alive(id);
    if (!cluster) return { outcome: 'no-cluster' };
    const existing = this.memberOf(id, member.handle);
    if (existing) return { outcome: 'exists', member: existing };
    if (cluster.members.length >= MAX_MEMBERS) return { outcome: 'full' };
    const now = this.clock.now();
    const added = { ...member, joinedAt: now, updatedAt: now };
    this.setMembers(cluster, [...cluster.members, added]);
    return { outcome: 'added', member: added };
  }

  async replaceMember(
    id: string,
    expected: string,
    next: SealedMember,
  ): Promise<ReplaceMemberOutcome> {
    const current = this.memberOf(id, next.handle);
    if (!current) return { outcome: 'missing' };
    if (current.sealed !== expected) return { outcome: 'changed' };
    const replaced = { ...current, ...next, updatedAt: this.clock.now() };
    const cluster = this.alive(id)!;
    this.setMembers(
      cluster,
      cluster.members.map((member) => (member === current ? replaced : member)),
    );
    return { outcome: 'replaced', member: replaced };
  }

  async removeMember(id: string, handle: string): Promise<RemoveMemberOutcome> {
    const cluster = this.alive(id);
    if (!cluster) return 'no-cluster';
    const current = this.memberOf(id, handle);
    if (!current) return 'missing';
    this.setMembers(
      cluster,
      cluster.members.filter((member) => member !== current),
    );
    return 'removed';
  }

  async countSecondMaster(id: string): Promise<void> {
    const cluster = this.alive(id);
    if (cluster) cluster.secondMasters++;
  }

  async countFetches(counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    for (const [id, count] of counts) {
      const cluster = this.alive(id);
      if (!cluster) continue;
      cluster.fetches += count;
      cluster.firstFetchedAt ??= this.clock.now();
    }
    return new Map();
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

  private memberOf(id: string, handle: string): StoredMember | undefined {
    return this.alive(id)?.members.find((member) => member.handle === handle);
  }

  private setMembers(cluster: ModelCluster, members: StoredMember[]): void {
    const before = countsOf(cluster).workers.ready;
    cluster.members = members;
    cluster.revision++;
    const { expected = Infinity, ready } = countsOf(cluster).workers;
    if (ready > before && ready >= expected) cluster.completedAt ??= this.clock.now();
  }

  /** To be called before the change is made. */
  private countMasterChanges(cluster: ModelCluster, before?: string, after?: string): void {
    const leaves = before === MASTER_IP || (before === MASTER_READY && after !== MASTER_READY);
    const returns = before !== MASTER_IP && after === MASTER_IP && cluster.firstMaster;
    cluster.masterChanges += Number(leaves) + Number(Boolean(returns));
    if (before === MASTER_IP) {
      cluster.firstMaster ??= cluster.keys.find(({ name }) => name === MASTER_IP)?.sealed;
    }
  }

  private value(id: string, name: string): string | undefined {
    return this.alive(id)?.keys.find((key) => key.name === name)?.sealed;
  }

  private alive(id: string): ModelCluster | undefined {
    const cluster = this.clusters.get(id);
    return cluster && cluster.expiresAt > this.clock.now() ? cluster : undefined;
  }
}

function countsOf({ members, expectedWorkers, revision, expiresAt }: ModelCluster): MemberCounts {
  const inState = (state: MemberState) => members.filter((member) => member.state === state).length;
  const workers = {
    expected: expectedWorkers,
    joined: members.length,
    ready: inState('ready'),
    failed: inState('failed'),
  };
  return { workers, revision, expiresAt };
}
