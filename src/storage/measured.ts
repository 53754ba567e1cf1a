import type { Metrics, OperationMetrics, StorageOperation } from '../metrics/metrics.js';

type Operation = (...args: unknown[]) => Promise<unknown>;

/** Wraps a store so that each of its operations is timed, and counted if it fails. */
export function measured<Store extends object>(
  store: Store,
  labels: Omit<StorageOperation, 'operation'>,
  metrics: Metrics,
): Store {
  const operations = store as Record<string, Operation>;
  const wrapper = Object.create(store) as Record<string, Operation>;
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(store))) {
    const operation = operations[name];
    if (name === 'constructor' || typeof operation !== 'function') continue;
    wrapper[name] = timed(operation.bind(store), () =>
      metrics.storageOperation({ ...labels, operation: name }),
    );
  }
  return wrapper as Store;
}

function timed(operation: Operation, metricsOf: () => OperationMetrics): Operation {
  let metrics: OperationMetrics | undefined; // created at the first call, because the store's own helpers are never called from outside
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
