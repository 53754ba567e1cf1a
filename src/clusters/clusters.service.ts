import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { PairingError, UnknownPinError } from '../errors/pairing-error.js';
import { Metrics } from '../metrics/metrics.js';
import type { Cluster } from './cluster.js';
import { ClusterSeals } from './cluster.seal.js';
import { ClusterStore } from './cluster.store.js';
import { generatePin } from './pin.js';

/** Begins, shows and ends clusters. */
@Injectable()
export class ClustersService {
  constructor(
    private readonly store: ClusterStore,
    private readonly seals: ClusterSeals,
    private readonly clock: Clock,
    private readonly settings: Settings,
    private readonly metrics: Metrics,
  ) {}

  /** Issues a PIN; its cluster lives for `PIN_TTL` from now, and nothing prolongs that. */
  async issue(): Promise<{ pin: string; createdAt: number }> {
    const pin = generatePin();
    const createdAt = this.clock.now();
    const expiresAt = createdAt + this.settings.pinTtlMs;
    const created = await this.store.create(this.seals.of(pin).id, { createdAt, expiresAt });
    if (!created) throw new PairingError('internal-error', { cause: new Error('PIN drawn twice') });
    this.metrics.pinIssued();
    return { pin, createdAt };
  }

  /** Fails with `UnknownPinError`. */
  async find(pin: string): Promise<Cluster> {
    const cluster = await this.store.find(this.seals.of(pin).id);
    if (!cluster) throw new UnknownPinError();
    return cluster;
  }

  /** Ends a cluster for good. Fails with `UnknownPinError`. */
  async end(pin: string): Promise<void> {
    if (!(await this.store.end(this.seals.of(pin).id))) throw new UnknownPinError();
  }
}
