import type { Progress } from './progress.ts';

/** How far the workers of a cluster have come. */
export interface WorkerCounts {
  /** How many are ready. Workers of old images do not join, so in a cluster of such it is how many have fetched the address. */
  readonly done: number;
  readonly expected: number | undefined;
  readonly failed: number;
}

/** Counts the workers of a cluster. `expected` overrides the number with which the PIN was issued. */
export function countWorkers(
  { workers, fetches }: Pick<Progress, 'workers' | 'fetches'>,
  expected: number | undefined = workers.expected ?? undefined,
): WorkerCounts {
  return { done: workers.joined > 0 ? workers.ready : fetches, expected, failed: workers.failed };
}

/** Such as `6 of 8` or `6 of 8, 1 failed`. */
export function formatCounts({ done, expected, failed }: WorkerCounts): string {
  const count = expected === undefined ? String(done) : `${done} of ${expected}`;
  return failed === 0 ? count : `${count}, ${failed} failed`;
}
