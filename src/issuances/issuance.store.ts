import type { Issuance, IssuanceOutcome, IssuanceState } from './issuance.js';

/** Which records are wanted; what is left out makes no difference. Times are those of issue. */
export interface IssuanceFilter {
  readonly owner?: string | undefined;
  readonly ended?: boolean | undefined;
  readonly state?: IssuanceState | undefined;
  readonly outcome?: IssuanceOutcome | undefined;
  /** From this time on. */
  readonly since?: number | undefined;
  /** Before this time. */
  readonly until?: number | undefined;
  /** Only those that come after this one, newest first. */
  readonly after?: Pick<Issuance, 'createdAt' | 'id'> | undefined;
}

/**
 * Where the record of all PINs is kept: the port that the SQL adapter implements on SQLite and on
 * PostgreSQL, and whose promises `test/contract` holds it to. Every method fails with
 * `storage-unavailable` when the database does not answer.
 */
export abstract class IssuanceStore {
  /**
   * Adds a record unless its owner has `maxLive` or more that live: undefined then. Racing ones do not
   * get past that number together.
   */
  abstract add(issuance: Issuance, maxLive: number): Promise<Issuance | undefined>;

  abstract find(id: string): Promise<Issuance | undefined>;

  /** Newest first, `limit` at most. */
  abstract list(filter: IssuanceFilter, now: number, limit: number): Promise<Issuance[]>;

  /** Records whose clusters are due to be checked, the longest overdue first. */
  abstract due(now: number, limit: number): Promise<Issuance[]>;

  /** How many clusters live. */
  abstract countLive(now: number): Promise<number>;

  /** Changes a record that is still as it was read. False when it is not; nothing is changed then. */
  abstract update(read: Issuance, change: Partial<Issuance>): Promise<boolean>;

  /** Removes records issued before this time, `limit` at most. Gives how many. */
  abstract removeBefore(time: number, limit: number): Promise<number>;

  /** Whether the database answers, as far as is known; asking costs nothing. */
  abstract get isUp(): boolean;
}
