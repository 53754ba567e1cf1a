/** An operation of a store, and what it is stored in. */
export interface StorageOperation {
  readonly storage: 'redis' | 'sql';
  readonly store: string;
  readonly operation: string;
}

/** Tells how one kind of operation went; times in seconds. */
export interface OperationMetrics {
  succeeded(seconds: number): void;
  failed(seconds: number): void;
}

/** How well the record of PINs is kept up to date. */
export interface RecordState {
  readonly livePins: number;
  /** For how long the record that waits longest has been due, in milliseconds. */
  readonly lagMs: number;
  /** When expiry was last done, in milliseconds since the epoch; undefined when never. */
  readonly lastSuccessAt: number | undefined;
}

/** How far Redis is from refusing to write. */
export interface RedisState {
  readonly usedBytes: number;
  /** 0: as much as there is. */
  readonly maxBytes: number;
  /** Whether the last writing to its disk went well. */
  readonly persists: boolean;
}

/**
 * What the rest of the service tells about its work, in words of its own. `PrometheusMetrics` makes of it
 * what `docs/metrics.md` lists.
 *
 * Nothing that grows with PINs or users may be passed, such as a name or an address: texts are out of a
 * small set that is known when the service is built.
 */
export abstract class Metrics {
  abstract pinIssued(): void;

  /** Another machine than the registered master tried to register. */
  abstract secondMaster(): void;

  /** The master of a cluster was replaced or taken away, or that was refused (`LOCK_MASTER`). */
  abstract masterChange(what: 'changed' | 'removed' | 'refused'): void;

  /** A request was refused: its client guesses PINs, its user was issued too many, or its cluster is written too often. */
  abstract throttled(what: 'guessing' | 'issuing' | 'writing'): void;

  /** The master of a cluster came, so long after its PIN was issued. */
  abstract masterCame(seconds: number): void;

  /** The first worker of a cluster fetched its master's address, so long after that was ready. */
  abstract workerCame(seconds: number): void;

  abstract clusterEnded(outcome: string): void;

  abstract recordIs(state: RecordState): void;

  /** Ask once and keep it: the asking costs more than the telling. */
  abstract storageOperation(operation: StorageOperation): OperationMetrics;

  /** Says how to see how many requests are held, of how many that may be. */
  abstract watchHeldRequests(count: () => number, most: number): void;

  /** Says how to see how many connections are open, of how many that may be. */
  abstract watchConnections(count: () => number, max: number): void;

  /** A connection was closed at once because there were as many as may be. */
  abstract connectionDropped(): void;

  /** Storage has told of a change, or that such news may have been lost. */
  abstract signalled(what: 'change' | 'loss'): void;

  /** Sets how to see whether the record database answers. */
  abstract watchDatabase(isUp: () => boolean): void;

  /** Whether people can sign in, as far as this replica knows. */
  abstract setSsoUp(isUp: boolean): void;

  /** Says how to look at Redis, which is done for each scrape; looking fails when it is gone. */
  abstract watchRedis(look: () => Promise<RedisState>): void;
}
