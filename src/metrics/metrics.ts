/** An operation of a store, with the kind of storage. */
export interface StorageOperation {
  readonly storage: 'redis' | 'sql';
  readonly store: string;
  readonly operation: string;
}

/** Counts the operations of one kind; times in seconds. */
export interface OperationMetrics {
  succeeded(seconds: number): void;
  failed(seconds: number): void;
}

/** How up to date the records of PINs are. */
export interface RecordState {
  readonly livePins: number;
  /** How long the longest overdue record has been due, in milliseconds. */
  readonly lagMs: number;
  /** When maintenance last succeeded, in milliseconds since the epoch; undefined if never. */
  readonly lastSuccessAt: number | undefined;
}

/** The memory and the persistence of Redis. */
export interface RedisState {
  readonly usedBytes: number;
  /** 0: no limit. */
  readonly maxBytes: number;
  /** Whether its last write to disk succeeded. */
  readonly persists: boolean;
}

/**
 * What the parts of the service report about their work. `PrometheusMetrics` turns it into the metrics that
 * `docs/metrics.md` lists.
 *
 * Nothing that grows with PINs or users may be passed, such as a name or an address: texts come from a small set that
 * is known at build time.
 */
export abstract class Metrics {
  abstract pinIssued(): void;

  /** A machine other than the registered master tried to register. */
  abstract secondMaster(): void;

  /** The master of a cluster was replaced or removed, or that was refused (`LOCK_MASTER`). */
  abstract masterChange(what: 'changed' | 'removed' | 'refused'): void;

  /** A request was refused: the client guesses PINs, the user has too many, or the cluster is written too often. */
  abstract throttled(what: 'guessing' | 'issuing' | 'writing'): void;

  /** The master of a cluster registered so many seconds after its PIN was issued. */
  abstract observeMasterDelay(seconds: number): void;

  /** The first worker of a cluster fetched its master's address so many seconds after the master was ready. */
  abstract observeFetchDelay(seconds: number): void;

  /**
   * As many workers of a cluster were ready as are expected: so many seconds after its PIN was issued, and after its
   * master was ready; the latter is undefined if it never was.
   */
  abstract observeCompletion(sinceIssue: number, sinceReady: number | undefined): void;

  abstract clusterEnded(outcome: string): void;

  abstract setRecordState(state: RecordState): void;

  /** Ask once and keep the result: this call costs more than counting an operation. */
  abstract storageOperation(operation: StorageOperation): OperationMetrics;

  /** Registers how to count the held requests, and their limit. */
  abstract observeHeldRequests(count: () => number, max: number): void;

  /** Registers how to count the open connections, and their limit. */
  abstract observeConnections(count: () => number, max: number): void;

  /** A connection was closed at once because the limit was reached. */
  abstract connectionDropped(): void;

  /** A signal of the storage arrived: of a change, or that signals may have been lost. */
  abstract countSignal(what: 'change' | 'loss'): void;

  /** Registers how to find out whether the record database answers. */
  abstract observeDatabase(isUp: () => boolean): void;

  /** Whether people can sign in, as far as this replica knows. */
  abstract setSsoUp(isUp: boolean): void;

  /** Registers how to read the state of Redis, which is done for each scrape; it fails while Redis is away. */
  abstract observeRedis(read: () => Promise<RedisState>): void;
}
