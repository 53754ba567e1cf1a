/** Tells how one kind of operation went; times in seconds. */
export interface OperationMetrics {
  succeeded(seconds: number): void;
  failed(seconds: number): void;
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

  /** Ask once and keep it: the asking costs more than the telling. */
  abstract storageOperation(storage: 'redis' | 'sql', operation: string): OperationMetrics;
}
