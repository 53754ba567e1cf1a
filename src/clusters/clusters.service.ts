import { Injectable } from '@nestjs/common';
import { UnknownPinError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import type { Cluster } from './cluster.js';
import { ClusterLedger } from './cluster.ledger.js';
import { PinResolver } from './pin.resolver.js';
import { ClusterStore } from './cluster.store.js';

/** Finds and ends clusters by their PIN. */
@Injectable()
export class ClustersService {
  constructor(
    private readonly store: ClusterStore,
    private readonly pins: PinResolver,
    private readonly ledger: ClusterLedger,
    private readonly audit: AuditLog,
  ) {}

  /** Fails with `UnknownPinError`. */
  async find(pin: string): Promise<Cluster> {
    const { id } = await this.pins.resolve(pin);
    return this.findById(id);
  }

  /** Finds a cluster by its id. Fails with `UnknownPinError`. */
  async findById(id: string): Promise<Cluster> {
    const cluster = await this.store.find(id);
    if (!cluster) throw new UnknownPinError();
    return cluster;
  }

  /** Ends a cluster, as the client at `address` asked. Fails with `UnknownPinError`. */
  async end(pin: string, address: string): Promise<void> {
    const { id } = await this.pins.resolve(pin);
    const ended = await this.store.end(id);
    if (!ended) throw new UnknownPinError();
    this.audit.write({ event: 'delete', id, address });
    this.ledger.ended(id, ended);
  }
}
