import { InvalidArgumentError } from 'commander';

const UNITS = { s: 1, m: 60, h: 3600, '': 1 };

/** Reads `90`, `90s`, `10m` or `2h`; gives milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+)([smh]?)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError('Give a time such as 90s, 10m or 2h.');
  }
  return Number(number) * UNITS[unit as keyof typeof UNITS] * 1000;
}

/** Such as `23 h 59 min`, `4 min 10 s` or `9 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A time in the zone of this machine, such as `2026-11-25 21:30`. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The time of day, such as `21:30:05`. */
export function timeOfDay(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}
