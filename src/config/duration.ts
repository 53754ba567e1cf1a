/** The bounds of `PIN_TTL`, and of the life that a user asks for, in milliseconds. */
export const MIN_PIN_TTL_MS = 10 * 60_000;
export const MAX_PIN_TTL_MS = 24 * 3_600_000;

/** Parses a duration such as `90m` or `12h` to milliseconds. NaN if the text is not one. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,4})([mh])$/.exec(text) ?? [];
  return Number(count) * (unit === 'h' ? 60 : 1) * 60_000;
}
