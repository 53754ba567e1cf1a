import { Injectable } from '@nestjs/common';
import type { User } from '../auth/user.js';
import { Clock } from '../clock/clock.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { LiveClusters } from '../guess-protection/live-clusters.js';
import { generatePin } from '../clusters/pin.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import { Metrics } from '../metrics/metrics.js';
import { endedAt, HINT_LENGTH, type Issuance, INITIAL_MARKS } from './issuance.js';
import { type IssuanceFilter, IssuanceStore } from './issuance.store.js';
import { CREATION_GRACE_MS, IssuanceReconciler } from './issuance.reconciler.js';

/** A request for a PIN. */
export interface IssueRequest {
  readonly user: User;
  /** The client's address. */
  readonly address: string;
  readonly description?: string | undefined;
  /** How many workers are expected. */
  readonly workers?: number | undefined;
  /** The life of the PIN in seconds; by default and at most `PIN_TTL`. */
  readonly ttl?: number | undefined;
}

/** Issues PINs to users, and lists and revokes issued PINs. */
@Injectable()
export class IssuancesService {
  constructor(
    private readonly records: IssuanceStore,
    private readonly clusters: ClusterStore,
    private readonly pins: PinResolver,
    private readonly live: LiveClusters,
    private readonly reconciler: IssuanceReconciler,
    private readonly clock: Clock,
    private readonly settings: Settings,
    private readonly audit: AuditLog,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Issues a PIN. Its cluster expires as asked for, or after `PIN_TTL`, and nothing prolongs that. Fails with
   * `too-many-pins`, with `invalid-body` when it should live longer, and with `storage-unavailable` when one of the
   * storages does not answer.
   */
  async issue({ user, address, description, workers, ttl }: IssueRequest) {
    const ttlMs = this.ttlMs(ttl);
    const pin = generatePin();
    const { id } = this.pins.cipherOfNew(pin);
    const createdAt = this.clock.now();
    const expiresAt = createdAt + ttlMs;
    const hint = pin.slice(0, HINT_LENGTH);

    // The record comes first, so that there is no PIN without one.
    const { maxLivePins } = this.settings;
    const record = await this.records.add(
      {
        id,
        hint,
        owner: user.name,
        description: description ?? null,
        address,
        createdAt,
        expiresAt,
        seenAt: null,
        ...INITIAL_MARKS,
        expectedWorkers: workers ?? null,
        checkAt: createdAt + CREATION_GRACE_MS,
      },
      maxLivePins,
    );
    if (!record) {
      throw new PairingError('too-many-pins', {
        detail: `You have reached the limit of ${maxLivePins} live PINs. Revoke one, or wait until one expires.`,
      });
    }
    if (!(await this.clusters.create(id, { createdAt, expiresAt, expectedWorkers: workers }))) {
      throw new PairingError('internal-error', {
        cause: new Error('The same PIN was generated twice'),
      });
    }
    // If the database does not answer now, the reconciler later finds that the cluster is live.
    const open = await this.records.update(record, { seenAt: createdAt }).catch(() => true);
    if (!open) {
      // It took so long that the record was settled as unused, so the cluster must not exist.
      await this.clusters.end(id);
      throw new PairingError('storage-unavailable');
    }
    this.live.invalidate();
    this.metrics.pinIssued();
    this.audit.write({ event: 'issue', id, hint, user: user.name, address });
    return { pin, createdAt, expiresAt };
  }

  /**
   * The records that `filter` selects, newest first. With one owner they have the current state of their clusters, with
   * all owners the state that was recorded last. Fails with `role-required` for other owners, without the admin role.
   */
  async list(user: User, filter: IssuanceFilter, limit: number): Promise<Issuance[]> {
    const { owner } = filter;
    this.assertMaySee(user, owner);
    if (owner !== undefined) await this.reconciler.refresh(owner);
    return this.records.list(filter, this.clock.now(), limit);
  }

  /**
   * A record of the user, or with the admin role of any user, with the current state of its cluster; if that cannot be
   * read, with the state that was recorded last. Fails with `not-found` also when the record is another user's.
   */
  async find(user: User, id: string): Promise<Issuance> {
    const record = await this.recordFor(user, id);
    await this.reconciler.reconcile(record).catch(() => undefined);
    return this.recordFor(user, id);
  }

  /**
   * Ends a cluster for its owner or an admin, without its PIN. Does nothing if it has ended already. Fails with
   * `not-found` also when the record is another user's.
   */
  async revoke(user: User, id: string, address: string): Promise<void> {
    const record = await this.recordFor(user, id);
    const now = this.clock.now();
    if (endedAt(record, now) === undefined) {
      // The record comes first: if the cluster is not ended here, the reconciler ends it.
      if (!(await this.records.update(record, { revokedAt: now, checkAt: now }))) {
        return this.revoke(user, id, address); // it has changed meanwhile: read it again
      }
      this.audit.write({ event: 'revoke', id, owner: record.owner, user: user.name, address });
    }
    const revoked = await this.records.find(id);
    if (revoked) await this.reconciler.reconcile(revoked);
  }

  private ttlMs(seconds: number | undefined): number {
    const { pinTtlMs } = this.settings;
    const ttlMs = seconds === undefined ? pinTtlMs : seconds * 1_000;
    if (ttlMs <= pinTtlMs) return ttlMs;
    const rule = `Must be at most ${pinTtlMs / 1_000} seconds, the life of PINs at this service.`;
    throw new PairingError('invalid-body', { fields: { ttl: [rule] } });
  }

  private async recordFor(user: User, id: string): Promise<Issuance> {
    const record = await this.records.find(id);
    if (!record || (record.owner !== user.name && !this.isAdmin(user))) {
      throw new PairingError('not-found');
    }
    return record;
  }

  /** Fails with `role-required` unless `owner` is the user, or the user has the admin role. Undefined: all owners. */
  assertMaySee(user: User, owner: string | undefined): void {
    if (owner !== user.name && !this.isAdmin(user)) throw new PairingError('role-required');
  }

  /** Whether the user may list and revoke the PINs of all users. */
  isAdmin({ roles }: User): boolean {
    const { adminRole } = this.settings;
    return adminRole !== undefined && roles.has(adminRole);
  }
}
