/** A session as it is stored. All secret or personal data is hashed or encrypted. */
export interface StoredSession {
  /** A hash of the token in the cookie. */
  readonly id: string;
  /** A hash of the provider's name for the user. */
  readonly subject: string;
  /** A hash of the provider's name for its own session; null if it gave none. */
  readonly providerSession: string | null;
  /** `SessionData`, encrypted. */
  readonly sealed: string;
  /** Times in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly expiresAt: number;
  /** When it was last used and checked with the provider, with a precision of some minutes. */
  readonly checkedAt: number;
}

/** Stores the sessions of browsers, for all replicas. Every method can fail with `storage-unavailable`. */
export abstract class SessionStore {
  /** Adds a session, and removes those that expired before `now`. */
  abstract add(session: StoredSession, now: number): Promise<void>;

  /** Undefined if there is no such session. It may have expired. */
  abstract find(id: string): Promise<StoredSession | undefined>;

  /** All sessions of a user, or those that belong to one session at the provider. */
  abstract findAll(
    of: Pick<StoredSession, 'subject'> | { readonly providerSession: string },
  ): Promise<StoredSession[]>;

  /**
   * Changes a session unless another replica has changed or removed it since it was read.
   * @returns whether it did
   */
  abstract update(
    read: StoredSession,
    change: Partial<Pick<StoredSession, 'checkedAt' | 'sealed'>>,
  ): Promise<boolean>;

  /** Removes a session; false if there is none. */
  abstract remove(id: string): Promise<boolean>;
}
