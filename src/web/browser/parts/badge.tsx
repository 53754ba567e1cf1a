import type { Status } from '../state/cluster.ts';
import { Icon } from './icon.tsx';

/** A state in words, with its colour and sign. */
export function Badge({ words, tone, sign }: Status) {
  return (
    <span class={`badge tone-${tone}`}>
      <Icon sign={sign} />
      {words}
    </span>
  );
}
