import type { Cluster } from '../state/cluster.ts';
import { progressOf } from '../state/cluster.ts';

/** How many workers are ready, and how many have joined. */
export function Meter({ cluster }: { cluster: Cluster }) {
  const { failed } = cluster.workers;
  const { ready, joined, total, words, basis, hasBar } = progressOf(cluster);
  const share = (count: number) => ({ width: `${(100 * count) / total}%` });
  return (
    <>
      <span class="count" title={basis}>
        {words}
      </span>
      {hasBar && (
        <span class="meter tone-good" aria-hidden="true">
          <i style={share(ready)} />
          <i class="failed" style={share(failed)} />
          <i class="joined" style={share(joined - ready - failed)} />
        </span>
      )}
    </>
  );
}
