import type { Cluster } from '../state/cluster.ts';
import { now } from '../state/clock.ts';
import { durationText } from '../state/times.ts';
import { Copy } from './copy.tsx';

/** A PIN of this tab, and how long it is good. */
export function PinCard({ pin, cluster }: { pin: string; cluster: Cluster }) {
  const rest = Date.parse(cluster.expiration_time) - now.value;
  const isOver = cluster.state === 'ended' || rest <= 0;
  return (
    <section class="card" aria-labelledby="pin-title">
      <div class="row apart">
        <h2 id="pin-title">The PIN</h2>
        <Copy text={pin} what="the PIN" />
      </div>
      <p class={`pin ${isOver ? 'over' : ''}`}>
        <output id="pin">{pin}</output>
      </p>
      <p>
        {isOver
          ? 'No machine can use it any more. Get a new PIN.'
          : `Good for one cluster, ${durationText(rest)} more.`}
      </p>
      <p class="small soft">
        This tab keeps it over a reload, until you close the tab. The browser sends it to this
        service only, to watch the cluster, and nobody can look it up later.
      </p>
    </section>
  );
}
