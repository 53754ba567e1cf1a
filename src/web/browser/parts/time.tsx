import { useComputed } from '@preact/signals';
import { now } from '../state/clock.ts';
import { exactText, relativeText } from '../state/times.ts';

/** A time as seen from now, with the exact one in its tooltip. */
export function Time({ time }: { time: string }) {
  const text = useComputed(() => relativeText(time, now.value));
  return (
    <time dateTime={time} title={exactText(time)}>
      {text}
    </time>
  );
}
