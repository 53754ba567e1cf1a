import { Injectable } from '@nestjs/common';
import { ClusterStore } from '../clusters/cluster.store.js';
import { PinResolver } from '../clusters/pin.resolver.js';

const MAX_AGE_MS = 1_000;

/**
 * The ids of all live clusters, up to a second old. Together, all requests that need them cost the store one read a
 * second.
 */
@Injectable()
export class LiveClusters {
  private ids: Promise<ReadonlySet<string>> | undefined;

  constructor(
    private readonly store: ClusterStore,
    private readonly pins: PinResolver,
  ) {}

  /** Whether a cluster has this PIN. Fails with `storage-unavailable`. */
  async has(pin: string): Promise<boolean> {
    this.ids ??= this.read();
    const ids = await this.ids;
    return this.pins.possibleIds(pin).some((id) => ids.has(id));
  }

  /** Discards the ids, after a cluster was created here: a client may ask for it at once. */
  invalidate(): void {
    this.ids = undefined;
  }

  private async read(): Promise<ReadonlySet<string>> {
    setTimeout(() => this.invalidate(), MAX_AGE_MS).unref();
    return new Set(await this.store.liveIds());
  }
}
