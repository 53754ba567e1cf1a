import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { StoredSession } from '../../auth/session.store.js';
import type { Issuance } from '../../issuances/issuance.js';

/** A record as it is stored. `version` is increased with each change. */
export interface IssuanceRow extends Issuance {
  readonly version: number;
}

/** Which replica may do a task until when, and when it was last done. Times in milliseconds since the epoch. */
export interface LeaseRow {
  readonly name: string;
  readonly holder: string;
  readonly heldUntil: number;
  readonly succeededAt: number | null;
}

const text = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  nullable,
  type: 'text',
});

/** A column of integers. PostgreSQL's driver returns a BIGINT as text. */
const integer = (name: string, nullable = false): EntitySchemaColumnOptions => ({
  name,
  nullable,
  type: 'bigint',
  transformer: {
    from: (value: string | number | null) => (value === null ? null : Number(value)),
    to: (value: unknown) => value,
  },
});

export const issuances = new EntitySchema<IssuanceRow>({
  name: 'issuance',
  tableName: 'issuances',
  columns: {
    id: { ...text('id'), primary: true },
    version: { name: 'version', type: 'integer' },
    hint: text('hint'),
    owner: text('owner'),
    description: text('description', true),
    address: text('address'),
    createdAt: integer('created_at'),
    expiresAt: integer('expires_at'),
    seenAt: integer('seen_at', true),
    masterAt: integer('master_at', true),
    readyAt: integer('ready_at', true),
    failedAt: integer('failed_at', true),
    firstFetchedAt: integer('first_fetched_at', true),
    askedAt: integer('asked_at', true),
    expectedWorkers: integer('expected_workers', true),
    joinedWorkers: integer('joined_workers'),
    readyWorkers: integer('ready_workers'),
    failedWorkers: integer('failed_workers'),
    completedAt: integer('completed_at', true),
    fetches: integer('fetches'),
    secondMasters: integer('second_masters'),
    masterChanges: integer('master_changes'),
    revokedAt: integer('revoked_at', true),
    deletedAt: integer('deleted_at', true),
    checkAt: integer('check_at', true),
  },
});

export const leases = new EntitySchema<LeaseRow>({
  name: 'lease',
  tableName: 'leases',
  columns: {
    name: { ...text('name'), primary: true },
    holder: text('holder'),
    heldUntil: integer('held_until'),
    succeededAt: integer('succeeded_at', true),
  },
});

export const sessions = new EntitySchema<StoredSession>({
  name: 'session',
  tableName: 'sessions',
  columns: {
    id: { ...text('id'), primary: true },
    subject: text('subject'),
    providerSession: text('provider_session', true),
    sealed: text('sealed'),
    startedAt: integer('started_at'),
    expiresAt: integer('expires_at'),
    checkedAt: integer('checked_at'),
  },
});
