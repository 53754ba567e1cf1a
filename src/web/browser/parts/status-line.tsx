import type { Cluster } from '../state/cluster.ts';
import { alarmsOf, statusOf } from '../state/cluster.ts';
import { Badge } from './badge.tsx';
import { Copy } from './copy.tsx';

/** The state of a cluster, its alarms, and the address of its master if the PIN is at hand. */
export function StatusLine(props: { cluster: Cluster; masterAddress: string | null }) {
  const { cluster, masterAddress } = props;
  return (
    <div class="row">
      <Badge {...statusOf(cluster)} />
      {alarmsOf(cluster).map((alarm) => (
        <Badge key={alarm.words} {...alarm} sign="alarm" />
      ))}
      {masterAddress !== null && (
        <span class="row">
          <span>
            Master <code>{masterAddress}</code>
          </span>
          <Copy text={masterAddress} what="the address of the master" slim />
        </span>
      )}
    </div>
  );
}
