const MS = { us: 0.001, ms: 1, s: 1_000 };

/** The duration that follows `before` in what wrk and h2load print, such as `1.52ms`, in ms. Throws when there is none. */
export function durationIn(output: string, before: string): number {
  const [, value, unit] = new RegExp(`${before}\\s+([\\d.]+)(us|ms|s)`).exec(output) ?? [];
  if (unit === undefined) throw new Error(`No duration follows ${before}:\n${output}`);
  return Number(value) * MS[unit as keyof typeof MS];
}
