import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ClusterStore } from '../clusters/cluster.store.js';
import { boundedCache } from '../limits/bounded-cache.js';

const WRITE_EVERY_MS = 1_000;
/** The number of clusters that are remembered as marked. One that is forgotten costs a needless write. */
const MAX_MARKED = 10_000;

/** Collects marks of what workers asked for and writes them once a second, so that no poll waits for the store. */
@Injectable()
export class WorkerMarks implements OnApplicationShutdown {
  private fetches = new Map<string, number>();
  private asking: string[] = [];
  private readonly asked = boundedCache<true>(MAX_MARKED);

  constructor(private readonly store: ClusterStore) {}

  /** Counts that a worker of this cluster has fetched the address of its master. */
  fetched(id: string): void {
    this.add(id, 1);
  }

  /** Marks that a worker of this cluster asked for a master that was not there. */
  askedForMissingMaster(id: string): void {
    if (this.asked.get(id)) return;
    this.asked.set(id, true);
    this.asking.push(id);
  }

  /** Writes what is left. All requests have been answered by then, and the storage is still open. */
  async onApplicationShutdown(): Promise<void> {
    await this.write();
  }

  /** Writes what was collected. What cannot be written is kept for the next time. */
  @Interval(WRITE_EVERY_MS)
  async write(): Promise<void> {
    const { fetches, asking } = this;
    this.fetches = new Map();
    this.asking = [];
    await Promise.all([this.mark(asking), this.count(fetches)]);
  }

  private add(id: string, times: number): void {
    this.fetches.set(id, (this.fetches.get(id) ?? 0) + times);
  }

  private async count(fetches: ReadonlyMap<string, number>): Promise<void> {
    if (fetches.size === 0) return;
    const left = await this.store.countFetches(fetches).catch(() => fetches);
    for (const [id, times] of left) this.add(id, times); // the next write tries again
  }

  private async mark(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.store.markAsked(ids).catch(() => {
      for (const id of ids) this.asked.delete(id); // marked when they ask again
    });
  }
}
