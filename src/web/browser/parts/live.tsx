import { account } from '../state/account.ts';
import type { Connection } from '../state/stream.ts';

const WORDS: Readonly<Record<Connection, [string, string]>> = {
  connecting: ['Connecting', 'quiet'],
  live: ['Live', 'good'],
  away: ['The service does not answer at the moment. This page tries again by itself.', 'warn'],
};

/** Whether what is shown is current. */
export function Live({ connection }: { connection: Connection }) {
  if (account.value === 'ended' || account.value === 'role-lost') return null; // as a note says
  const [words, tone] = WORDS[connection];
  return (
    <p role="status" class={`live tone-${tone}`}>
      {words}
    </p>
  );
}
