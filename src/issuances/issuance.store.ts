import type { Issuance, IssuanceOutcome, IssuanceState } from './issuance.js';

/** Selects records. Undefined properties select all. Times are those of issue. */
export interface IssuanceFilter {
  readonly owner?: string | undefined;
  readonly ended?: boolean | undefined;
  readonly state?: IssuanceState | undefined;
  readonly outcome?: IssuanceOutcome | undefined;
  /** From this time on. */
  readonly since?: number | undefined;
  /** Before this time. */
  readonly until?: number | undefined;
  /** Only records after this one in the list, that is, older ones. */
  readonly after?: Pick<Issuance, 'createdAt' | 'id'> | undefined;
}

/**
 * Stores the records of all PINs: the port that the SQL adapter implements for SQLite and PostgreSQL. `test/contract`
 * tests its promises. Every method fails with `storage-unavailable` when the database does not answer.
 */
export abstract class IssuanceStore {
  /**
   * Adds a record. Returns undefined if its owner has `maxLive` or more live ones; concurrent calls cannot exceed this
   * number either.
   */
  abstract add(issuance: Issuance, maxLive: number): Promise<Issuance | undefined>;

  abstract find(id: string): Promise<Issuance | undefined>;

  /** At most `limit` records, newest first. */
  abstract list(filter: IssuanceFilter, now: number, limit: number): Promise<Issuance[]>;

  /** Records whose clusters are due to be checked, the longest overdue first. */
  abstract due(now: number, limit: number): Promise<Issuance[]>;

  /** The number of live clusters. */
  abstract countLive(now: number): Promise<number>;

  /** Changes a record if it has not changed since it was read. Returns false otherwise. */
  abstract update(read: Issuance, change: Partial<Issuance>): Promise<boolean>;

  /** Removes at most `limit` records issued before this time. Returns how many. */
  abstract removeBefore(time: number, limit: number): Promise<number>;

  /** Whether the database answers, as far as is known. Does not ask the database. */
  abstract get isUp(): boolean;
}
