import type { Metrics, OperationMetrics, StorageOperation } from '../metrics/metrics.js';

type Operation = (...args: unknown[]) => Promise<unknown>;

/** The same store, which tells of each of its operations how long it took and whether it failed. */
export function measured<Store extends object>(
  store: Store,
  labels: Omit<StorageOperation, 'operation'>,
  metrics: Metrics,
): Store {
  const operations = store as Record<string, Operation>;
  const twin = Object.create(store) as Record<string, Operation>;
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(store))) {
    const operation = operations[name];
    if (name === 'constructor' || typeof operation !== 'function') continue;
    twin[name] = timed(operation.bind(store), () =>
      metrics.storageOperation({ ...labels, operation: name }),
    );
  }
  return twin as Store;
}

function timed(operation: Operation, metricsOf: () => OperationMetrics): Operation {
  let metrics: OperationMetrics | undefined; // of what others call only, and not of its own helpers
  return (...args) => {
    const known = (metrics ??= metricsOf());
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const result = operation(...args);
    result.then(
      () => known.succeeded(seconds()),
      () => known.failed(seconds()),
    );
    return result;
  };
}
