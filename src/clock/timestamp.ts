/** ISO 8601 in UTC with milliseconds, of milliseconds since the epoch. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
