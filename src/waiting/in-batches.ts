/** Works on all items, at most `size` at a time, so that the work on many does not delay new requests. */
export async function inBatches<T>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  for (let n = 0; n < items.length; n += size) {
    await Promise.all(items.slice(n, n + size).map(work));
  }
}
