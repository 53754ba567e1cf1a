import { signal, useComputed } from '@preact/signals';
import { now } from '../state/clock.ts';
import { exactText, relativeText } from '../state/times.ts';

/** Whether times are shown as they are, and not as seen from now. It stays over a change of the view. */
const isExact = signal(false);

/** A time as seen from now, with the exact one in its tooltip, or the exact one. */
export function Time({ time }: { time: string }) {
  const text = useComputed(() => (isExact.value ? exactText(time) : relativeText(time, now.value)));
  return (
    <time dateTime={time} title={exactText(time)}>
      {text}
    </time>
  );
}

/** Switches all times of the page: a tooltip is only for those with a mouse. */
export function ExactTimes() {
  return (
    <button
      type="button"
      aria-pressed={isExact.value}
      onClick={() => (isExact.value = !isExact.value)}
    >
      Exact times
    </button>
  );
}
