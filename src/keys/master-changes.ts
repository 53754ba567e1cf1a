import { Injectable } from '@nestjs/common';
import { isMasterKey, MASTER_FAILED } from '../clusters/cluster.js';
import { ClusterLedger } from '../clusters/cluster.ledger.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import { Metrics } from '../metrics/metrics.js';
import type { Author } from './author.js';

/** Whether `LOCK_MASTER` protects this key. */
export function isLocked(name: string): boolean {
  return isMasterKey(name) || name === MASTER_FAILED;
}

/** A key that `LOCK_MASTER` protects, with the client that wrote it. */
export interface MasterKey {
  /** The id of its cluster. */
  readonly id: string;
  readonly name: string;
  /** The address of the client that wrote it. */
  readonly writer: string;
}

/** Decides who may change the master of a cluster, and reports each change with the addresses of both clients. */
@Injectable()
export class MasterChanges {
  constructor(
    private readonly settings: Settings,
    private readonly ledger: ClusterLedger,
    private readonly audit: AuditLog,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Under `LOCK_MASTER` only the client that wrote such a key and the owner of the PIN may change or remove it.
   * Fails with `master-locked` for others.
   */
  async assertAllowed({ id, name, writer }: MasterKey, { address, user }: Author): Promise<void> {
    if (!this.settings.lockMaster || !isLocked(name) || writer === address) return;
    if (user !== undefined && user === (await this.ledger.ownerOf(id))) return;
    this.audit.write({ event: 'master_change_refused', id, key: name, writer, address });
    this.metrics.masterChange('refused');
    throw new PairingError('master-locked');
  }

  /** `master_ip` has another value, or was added again after it was removed. */
  changed({ id, writer }: Omit<MasterKey, 'name'>, address: string): void {
    this.audit.write({ event: 'master_changed', id, writer, address });
    this.metrics.masterChange('changed');
  }

  /** The key was removed, or has another name now. */
  removed({ id, name, writer }: MasterKey, address: string): void {
    this.audit.write({ event: 'master_removed', id, key: name, writer, address });
    this.metrics.masterChange('removed');
  }

  /** Workers no longer wait for this cluster's master, because a client has said that it failed. */
  failed(id: string, address: string): void {
    this.audit.write({ event: 'master_failed', id, address });
  }

  /** The first master registered again, and was refused because another machine has replaced it. */
  displacedMaster(id: string, address: string): void {
    this.audit.write({ event: 'master_displaced', id, address });
  }

  /** A machine other than the registered master tried to register, and was refused. */
  secondMaster(id: string, address: string): void {
    this.audit.write({ event: 'second_master', id, address });
    this.metrics.secondMaster();
  }
}
