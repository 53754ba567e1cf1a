import type { Sign } from '../state/cluster.ts';

const SHAPES: Readonly<Record<Sign, string>> = {
  wait: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.6',
  start: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 2.5V5',
  check: 'M3 8.5l3.2 3.2L13 5',
  cross: 'M4 4l8 8M12 4l-8 8',
  dash: 'M3.5 8h9',
  alarm: 'M8 2.2L14.3 13.3H1.7zM8 6.5v3M8 11.4v.2',
};

/** A small sign beside words. */
export function Icon({ sign }: { sign: Sign }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={SHAPES[sign]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
