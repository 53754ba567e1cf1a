import type { Clock } from '../../clock/clock.js';
import { type Cluster, MASTER_IP } from '../../clusters/cluster.js';
import {
  type AddOutcome,
  ClusterStore,
  type RemoveOutcome,
  type StoredKey,
  type ReplaceOutcome,
  type SealedKey,
} from '../../clusters/cluster.store.js';
import {
  addedAtIn,
  clusterIn,
  type Fields,
  fieldOf,
  hashOf,
  HASHES,
  idOf,
  keysIn,
  MAX_FIELDS,
  sealedIn,
} from './cluster-hash.js';
import type { RedisConnection } from './redis-connection.js';

/** The usual number of clusters needs few steps, and each step is short. */
const SCAN = { MATCH: HASHES, COUNT: 10_000 };

/**
 * Clusters in Redis, one hash each: `cluster-hash.ts` describes the fields, `scripts.ts` changes them. Redis removes
 * expired hashes by itself; until then the service's clock decides.
 */
export class RedisClusterStore extends ClusterStore {
  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(id: string, { createdAt, expiresAt }: Pick<Cluster, 'createdAt' | 'expiresAt'>) {
    const created = await this.redis.run((client) =>
      client.createCluster(hashOf(id), createdAt, expiresAt),
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
    const ended = await this.redis.run((client) => client.endCluster(hashOf(id), this.clock.now()));
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

  private hasExpired(expires: string): boolean {
    return Number(expires) <= this.clock.now();
  }
}
