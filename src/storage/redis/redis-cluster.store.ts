import type { Clock } from '../../clock/clock.js';
import { type Cluster, MASTER_IP, MAX_MEMBERS } from '../../clusters/cluster.js';
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
} from '../../clusters/cluster.store.js';
import {
  addedAtIn,
  clusterIn,
  COUNT_FIELDS,
  countsIn,
  type Fields,
  fieldOf,
  hashOf,
  HASHES,
  idOf,
  keysIn,
  MAX_FIELDS,
  memberIn,
  membersIn,
  membersOf,
  sealedIn,
} from './cluster-hash.js';
import type { RedisConnection } from './redis-connection.js';

/** The usual number of clusters needs few steps, and each step is short. */
const SCAN = { MATCH: HASHES, COUNT: 10_000 };

/**
 * Clusters in Redis, in two hashes each: `cluster-hash.ts` describes the fields, `scripts.ts` changes them. Redis removes
 * expired hashes by itself; until then the service's clock decides.
 */
export class RedisClusterStore extends ClusterStore {
  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(id: string, { createdAt, expiresAt, expectedWorkers = 0 }: NewCluster) {
    const created = await this.redis.run((client) =>
      client.createCluster(hashOf(id), createdAt, expiresAt, expectedWorkers),
    );
    return created === 1;
  }

  async find(id: string): Promise<Cluster | undefined> {
    const fields = await this.fields(id);
    return fields && clusterIn(fields);
  }

  /** Expired clusters are listed until Redis removes them. */
  async liveIds(): Promise<string[]> {
    const ids = new Set<string>(); // a scan may return the same one twice
    let cursor = '0';
    do {
      const page = await this.redis.run((client) => client.scan(cursor, SCAN));
      for (const hash of page.keys) ids.add(idOf(hash));
      ({ cursor } = page);
    } while (cursor !== '0');
    return [...ids];
  }

  async end(id: string): Promise<Cluster | undefined> {
    const ended = await this.redis.run((client) =>
      client.endCluster(hashesOf(id), this.clock.now()),
    );
    return ended && clusterIn(ended);
  }

  async keys(id: string): Promise<SealedKey[] | undefined> {
    const fields = await this.fields(id);
    return fields && keysIn(fields);
  }

  async key(id: string, name: string): Promise<StoredKey | undefined> {
    const [expires, value, master] = await this.redis.run((client) =>
      client.hmGet(hashOf(id), ['expires', fieldOf(name), fieldOf(MASTER_IP)]),
    );
    if (!expires || this.hasExpired(expires)) return undefined;
    return {
      sealed: value ? sealedIn(value) : undefined,
      expiresAt: Number(expires),
      masterAddedAt: master ? addedAtIn(master) : undefined,
    };
  }

  add(id: string, { name, sealed }: SealedKey): Promise<AddOutcome> {
    return this.redis.run((client) =>
      client.addKey(hashOf(id), this.clock.now(), fieldOf(name), sealed, MAX_FIELDS),
    );
  }

  replace(id: string, name: string, expected: string, next: SealedKey): Promise<ReplaceOutcome> {
    return this.redis.run((client) =>
      client.replaceKey(
        hashOf(id),
        this.clock.now(),
        fieldOf(name),
        expected,
        fieldOf(next.name),
        next.sealed,
      ),
    );
  }

  remove(id: string, name: string, expected: string): Promise<RemoveOutcome> {
    return this.redis.run((client) =>
      client.removeKey(hashOf(id), this.clock.now(), fieldOf(name), expected),
    );
  }

  async memberCounts(id: string): Promise<MemberCounts | undefined> {
    const values = await this.redis.run((client) => client.hmGet(hashOf(id), [...COUNT_FIELDS]));
    return this.liveCounts(values);
  }

  /** Redis answers both commands in order, so the members are at least as new as the numbers. */
  async members(id: string): Promise<MemberReading | undefined> {
    const [values, fields] = await this.redis.run((client) =>
      Promise.all([client.hmGet(hashOf(id), [...COUNT_FIELDS]), client.hGetAll(membersOf(id))]),
    );
    const counts = this.liveCounts(values);
    return counts && { ...counts, members: membersIn(fields) };
  }

  async member(id: string, handle: string): Promise<StoredMember | 'missing' | 'no-cluster'> {
    const [expires, value] = await this.redis.run((client) =>
      Promise.all([client.hGet(hashOf(id), 'expires'), client.hGet(membersOf(id), handle)]),
    );
    if (!expires || this.hasExpired(expires)) return 'no-cluster';
    return value ? memberIn(handle, value) : 'missing';
  }

  async addMember(id: string, { handle, state, sealed }: SealedMember): Promise<AddMemberOutcome> {
    const { outcome, value } = await this.redis.run((client) =>
      client.addMember(hashesOf(id), this.clock.now(), handle, state, sealed, MAX_MEMBERS),
    );
    if (outcome === 'no-cluster' || outcome === 'full') return { outcome };
    return { outcome, member: memberIn(handle, value) };
  }

  async replaceMember(
    id: string,
    expected: string,
    { handle, state, sealed }: SealedMember,
  ): Promise<ReplaceMemberOutcome> {
    const { outcome, value } = await this.redis.run((client) =>
      client.replaceMember(hashesOf(id), this.clock.now(), handle, expected, state, sealed),
    );
    return outcome === 'replaced' ? { outcome, member: memberIn(handle, value) } : { outcome };
  }

  removeMember(id: string, handle: string): Promise<RemoveMemberOutcome> {
    return this.redis.run((client) => client.removeMember(hashesOf(id), this.clock.now(), handle));
  }

  async countSecondMaster(id: string): Promise<void> {
    await this.redis.run((client) => client.countSecondMaster(hashOf(id), this.clock.now()));
  }

  async countFetches(counts: ReadonlyMap<string, number>): Promise<void> {
    const hashes = [...counts.keys()].map(hashOf);
    await this.redis.run((client) =>
      client.countFetches(hashes, this.clock.now(), ...counts.values()),
    );
  }

  async markAsked(ids: readonly string[]): Promise<void> {
    await this.redis.run((client) => client.markAsked(ids.map(hashOf), this.clock.now()));
  }

  /** Does nothing: Redis removes expired hashes by itself. */
  async removeExpired(): Promise<number> {
    return 0;
  }

  check(): Promise<string[]> {
    return this.redis.check();
  }

  /** All fields of a live cluster. */
  private async fields(id: string): Promise<Fields | undefined> {
    const fields: Fields = await this.redis.run((client) => client.hGetAll(hashOf(id)));
    const { expires } = fields;
    return expires === undefined || this.hasExpired(expires) ? undefined : fields;
  }

  private liveCounts(values: readonly (string | null)[]): MemberCounts | undefined {
    const [expires] = values;
    if (!expires || this.hasExpired(expires)) return undefined;
    return countsIn(
      Object.fromEntries(COUNT_FIELDS.map((field, n) => [field, values[n] ?? undefined])),
    );
  }

  private hasExpired(expires: string): boolean {
    return Number(expires) <= this.clock.now();
  }
}

/** The hashes of a cluster and of its members. */
function hashesOf(id: string): string[] {
  return [hashOf(id), membersOf(id)];
}
