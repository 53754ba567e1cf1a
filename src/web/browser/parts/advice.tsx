import { useComputed } from '@preact/signals';
import { adviseOn } from '../state/advice.ts';
import type { Cluster } from '../state/cluster.ts';
import { now } from '../state/clock.ts';
import { page } from '../state/page.ts';
import { Command } from './copy.tsx';

const INTERVAL_MS = 10_000;

/** What a person may do next. */
export function AdviceOn({ cluster, failure }: { cluster: Cluster; failure?: string | null }) {
  const time = useComputed(() => Math.ceil(now.value / INTERVAL_MS) * INTERVAL_MS);
  return (
    <>
      {adviseOn(cluster, time.value, page.service).map(({ title, words, tone, command }) => (
        <section key={title.replaceAll(/\d/g, '')} class={`note tone-${tone}`} aria-label={title}>
          <h2>{title}</h2>
          {cluster.state === 'failed' && failure && (
            <p>
              It says: <strong>{failure}</strong>
            </p>
          )}
          <p>{words}</p>
          {command !== undefined && <Command text={command} what="the command" />}
        </section>
      ))}
    </>
  );
}
