import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ClusterSeals } from '../clusters/cluster.seal.js';
import { ClusterStore } from '../clusters/cluster.store.js';

const WRITE_EVERY_MS = 1_000;

/** Counts how often each master's address was fetched: written now and then, so that no poll waits for it. */
@Injectable()
export class FetchCounts implements OnApplicationShutdown {
  private counts = new Map<string, number>();
  private readonly timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();

  constructor(
    private readonly store: ClusterStore,
    private readonly seals: ClusterSeals,
  ) {}

  count(pin: string): void {
    this.add(this.seals.of(pin).id, 1);
  }

  /** Everybody has been answered: what they fetched is written as long as the storage is open. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  private add(id: string, times: number): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + times);
  }

  private async write(): Promise<void> {
    const { counts } = this;
    this.counts = new Map();
    const write = ([id, times]: [string, number]) =>
      this.store.countFetches(id, times).catch(() => this.add(id, times)); // next time, then
    await Promise.all(Array.from(counts, write));
  }
}
