/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return percentile(numbers, 50);
}

/** The number that so many per cent of them do not pass. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

/** Runs a measurement some times, one after the other. */
export async function repeat<T>(
  times: number,
  measure: (round: number) => Promise<T>,
): Promise<T[]> {
  const measured: T[] = [];
  for (let round = 0; round < times; round++) measured.push(await measure(round));
  return measured;
}
