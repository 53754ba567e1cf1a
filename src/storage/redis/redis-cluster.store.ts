import type { Clock } from '../../clock/clock.js';
import {
  type Cluster,
  MASTER_FAILED,
  MASTER_IP,
  MASTER_READY,
  MAX_MEMBERS,
} from '../../clusters/cluster.js';
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
  idOf,
  keysIn,
  MAX_FIELDS,
  memberIn,
  membersIn,
  membersOf,
  sealedIn,
} from './cluster-hash.js';
import type { Redis } from './redis.js';
import type { RedisClient } from './redis-client.js';

/** The usual number of clusters needs few steps, and each step is short. */
const SCAN_COUNT = 10_000;
const ANY_ID = '?'.repeat(22);

const MASTER_FIELDS = [MASTER_IP, MASTER_READY, MASTER_FAILED].map(fieldOf);

/**
 * Clusters in Redis, in two hashes each: `cluster-hash.ts` describes the fields, `scripts.ts` changes them. Redis removes
 * expired hashes by itself; until then the service's clock decides.
 */
export class RedisClusterStore extends ClusterStore {
  constructor(
    private readonly redis: Redis,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(id: string, { createdAt, expiresAt, expectedWorkers = 0 }: NewCluster) {
    const hash = this.hash(id);
    const created = await this.redis.run(hash, (client) =>
      client.createCluster(hash, createdAt, expiresAt, expectedWorkers),
    );
    return created === 1;
  }

  async find(id: string): Promise<Cluster | undefined> {
    const fields = await this.fields(id);
    return fields && clusterIn(fields);
  }

  /**
   * Expired clusters are listed until Redis removes them. On a Redis Cluster, one that is being moved to another shard may
   * be missing.
   */
  async liveIds(): Promise<string[]> {
    const pattern = this.hash(ANY_ID);
    const hashes = await this.redis.runOnAll((client) => scan(client, pattern));
    return [...new Set(hashes.flat())].map(idOf);
  }

  async end(id: string): Promise<Cluster | undefined> {
    const hashes = this.hashes(id);
    const ended = await this.redis.run(hashes[0], (client) =>
      client.endCluster(hashes, this.clock.now()),
    );
    return ended && clusterIn(ended);
  }

  async keys(id: string): Promise<SealedKey[] | undefined> {
    const fields = await this.fields(id);
    return fields && keysIn(fields);
  }

  async key(id: string, name: string): Promise<StoredKey | undefined> {
    const hash = this.hash(id);
    const [expires, value, master, ready, failed] = await this.redis.run(hash, (client) =>
      client.hmGet(hash, ['expires', fieldOf(name), ...MASTER_FIELDS]),
    );
    if (!expires || this.hasExpired(expires)) return undefined;
    return {
      sealed: value ? sealedIn(value) : undefined,
      expiresAt: Number(expires),
      masterAddedAt: master ? addedAtIn(master) : undefined,
      hasFailed: !ready && !!failed,
    };
  }

  add(id: string, { name, sealed }: SealedKey): Promise<AddOutcome> {
    const hash = this.hash(id);
    return this.redis.run(hash, (client) =>
      client.addKey(hash, this.clock.now(), fieldOf(name), sealed, MAX_FIELDS),
    );
  }

  replace(id: string, name: string, expected: string, next: SealedKey): Promise<ReplaceOutcome> {
    const hash = this.hash(id);
    const [field, newField] = [fieldOf(name), fieldOf(next.name)];
    return this.redis.run(hash, (client) =>
      client.replaceKey(hash, this.clock.now(), field, expected, newField, next.sealed),
    );
  }

  remove(id: string, name: string, expected: string): Promise<RemoveOutcome> {
    const hash = this.hash(id);
    return this.redis.run(hash, (client) =>
      client.removeKey(hash, this.clock.now(), fieldOf(name), expected),
    );
  }

  async memberCounts(id: string): Promise<MemberCounts | undefined> {
    const hash = this.hash(id);
    const values = await this.redis.run(hash, (client) => client.hmGet(hash, [...COUNT_FIELDS]));
    return this.liveCounts(values);
  }

  /** Redis answers both commands in order, so the members are at least as new as the numbers. */
  async members(id: string): Promise<MemberReading | undefined> {
    const [hash, members] = this.hashes(id);
    const [values, fields] = await this.redis.run(hash, (client) =>
      Promise.all([client.hmGet(hash, [...COUNT_FIELDS]), client.hGetAll(members)]),
    );
    const counts = this.liveCounts(values);
    return counts && { ...counts, members: membersIn(fields) };
  }

  async member(id: string, handle: string): Promise<StoredMember | 'missing' | 'no-cluster'> {
    const [hash, members] = this.hashes(id);
    const [expires, value] = await this.redis.run(hash, (client) =>
      Promise.all([client.hGet(hash, 'expires'), client.hGet(members, handle)]),
    );
    if (!expires || this.hasExpired(expires)) return 'no-cluster';
    return value ? memberIn(handle, value) : 'missing';
  }

  async addMember(id: string, { handle, state, sealed }: SealedMember): Promise<AddMemberOutcome> {
    const hashes = this.hashes(id);
    const { outcome, value } = await this.redis.run(hashes[0], (client) =>
      client.addMember(hashes, this.clock.now(), handle, state, sealed, MAX_MEMBERS),
    );
    if (outcome === 'no-cluster' || outcome === 'full') return { outcome };
    return { outcome, member: memberIn(handle, value) };
  }

  async replaceMember(
    id: string,
    expected: string,
    { handle, state, sealed }: SealedMember,
  ): Promise<ReplaceMemberOutcome> {
    const hashes = this.hashes(id);
    const { outcome, value } = await this.redis.run(hashes[0], (client) =>
      client.replaceMember(hashes, this.clock.now(), handle, expected, state, sealed),
    );
    return outcome === 'replaced' ? { outcome, member: memberIn(handle, value) } : { outcome };
  }

  removeMember(id: string, handle: string): Promise<RemoveMemberOutcome> {
    const hashes = this.hashes(id);
    return this.redis.run(hashes[0], (client) =>
      client.removeMember(hashes, this.clock.now(), handle),
    );
  }

  async countSecondMaster(id: string): Promise<void> {
    const hash = this.hash(id);
    await this.redis.run(hash, (client) => client.countSecondMaster(hash, this.clock.now()));
  }

  async countFetches(counts: ReadonlyMap<string, number>): Promise<Map<string, number>> {
    const byHash = new Map([...counts].map(([id, count]) => [this.hash(id), count]));
    const groups = this.redis.group([...byHash.keys()]);
    const attempts = groups.map((hashes) => {
      const ofGroup = hashes.map((hash) => byHash.get(hash)!);
      return this.redis.run(hashes[0]!, (client) =>
        client.countFetches(hashes, this.clock.now(), ...ofGroup),
      );
    });
    await Promise.any(attempts).catch(() => attempts[0]);
    const outcomes = await Promise.allSettled(attempts);
    const failed = groups.filter((_, n) => outcomes[n]!.status === 'rejected').flat();
    return new Map(failed.map((hash) => [idOf(hash), byHash.get(hash)!]));
  }

  async markAsked(ids: readonly string[]): Promise<void> {
    const groups = this.redis.group(ids.map((id) => this.hash(id)));
    await Promise.all(
      groups.map((hashes) =>
        this.redis.run(hashes[0]!, (client) => client.markAsked(hashes, this.clock.now())),
      ),
    );
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
    const hash = this.hash(id);
    const fields: Fields = await this.redis.run(hash, (client) => client.hGetAll(hash));
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

  /** The hash of a cluster. */
  private hash(id: string): string {
    return hashOf(this.redis.nameOf(id));
  }

  /** The hashes of a cluster and of its members. */
  private hashes(id: string): [string, string] {
    return [this.hash(id), membersOf(this.redis.nameOf(id))];
  }
}

/** The hashes on one server that match a pattern. The same one may be there twice. */
async function scan(client: RedisClient, pattern: string): Promise<string[]> {
  const pages: string[][] = [];
  let cursor = '0';
  do {
    const page = await client.scan(cursor, { MATCH: pattern, COUNT: SCAN_COUNT });
    pages.push(page.keys);
    ({ cursor } = page);
  } while (cursor !== '0');
  return pages.flat();
}
