const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in words, with its two largest units: `3 min 12 s`. */
export function durationText(ms: number): string {
  const isLong = ms >= 2 * DAY;
  const parts: [number, string][] = [
    [isLong ? Math.floor(ms / DAY) : 0, 'd'],
    [isLong ? Math.floor(ms / HOUR) % 24 : Math.floor(ms / HOUR), 'h'],
    [Math.floor(ms / MINUTE) % 60, 'min'],
    [Math.floor(ms / SECOND) % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return 'less than 1 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}\u00A0${unit}`)
    .join(' ');
}

/** The duration in its largest unit, for what need not be exact: `12 min`. */
export function roughText(ms: number): string {
  if (ms < MINUTE) return ms < 10 * SECOND ? 'a moment' : `${Math.floor(ms / SECOND)}\u00A0s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}\u00A0min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}\u00A0h`;
  return `${Math.floor(ms / DAY)}\u00A0days`;
}

/** A time as seen from `now`: `12 min ago`, `in 3 h`. */
export function relativeText(time: string, now: number): string {
  const ms = Date.parse(time) - now;
  if (Math.abs(ms) < 10 * SECOND) return 'just now';
  return ms < 0 ? `${roughText(-ms)} ago` : `in ${roughText(ms)}`;
}

/** A time with its day and zone, as the person writes it. */
export function exactText(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** A time with its day, to the minute. */
export function dayText(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** The time of day. */
export function clockText(time: string): string {
  return new Date(time).toLocaleTimeString(undefined, { timeStyle: 'medium' });
}

/** From one time to another, in milliseconds. */
export function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
