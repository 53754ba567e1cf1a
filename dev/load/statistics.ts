/** The median. */
export function median(numbers: readonly number[]): number {
  return percentile(numbers, 50);
}

/** The number below which this percentage of the numbers lies. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

/** Repeats a measurement sequentially. */
export async function repeat<T>(
  times: number,
  measure: (round: number) => Promise<T>,
): Promise<T[]> {
  const measured: T[] = [];
  for (let round = 0; round < times; round++) measured.push(await measure(round));
  return measured;
}
