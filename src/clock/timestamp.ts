/** ISO 8601 in UTC with milliseconds, of milliseconds since the epoch. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same for a time that may not have come. */
export function timestampOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : timestamp(ms);
}
