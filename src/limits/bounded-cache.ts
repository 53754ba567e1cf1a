import { LRUCache } from 'lru-cache';

/**
 * A cache of the `max` entries that were used last. It grows with its entries, while an `LRUCache` with a `max` of its
 * own reserves the memory for all of them at once.
 */
export function boundedCache<V extends object | true | number>(max: number): LRUCache<string, V> {
  return new LRUCache({ maxSize: max, sizeCalculation: () => 1 });
}
