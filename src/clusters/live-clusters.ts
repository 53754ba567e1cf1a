import { Injectable } from '@nestjs/common';
import { PinResolver } from './pin.resolver.js';
import { ClusterStore } from './cluster.store.js';

const KEPT_MS = 1_000;

/**
 * Which clusters live, as it was a second ago at most: whoever is told by this costs the store one
 * question a second, all together.
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

  /** To be told of a cluster that begins here, which may be asked for at once. */
  invalidate(): void {
    this.ids = undefined;
  }

  private async read(): Promise<ReadonlySet<string>> {
    setTimeout(() => this.invalidate(), KEPT_MS).unref();
    return new Set(await this.store.liveIds());
  }
}
