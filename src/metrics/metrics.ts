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

  /** A request was refused because its client guesses PINs, or its person was issued too many. */
  abstract throttled(what: 'guessing' | 'issuing'): void;

  /** Ask once and keep it: the asking costs more than the telling. */
  abstract storageOperation(operation: StorageOperation): OperationMetrics;

  /** Says how to look at Redis, which is done for each scrape; looking fails when it is gone. */
  abstract watchRedis(look: () => Promise<RedisState>): void;
}
