import { titleOf } from '../state/cluster.ts';
import { type Pin, setWatchedPin, watchedPin } from '../state/pins.ts';
import { AdviceOn } from '../parts/advice.tsx';
import { EnterPin } from '../parts/enter-pin.tsx';
import { Live } from '../parts/live.tsx';
import { Members } from '../parts/members.tsx';
import { PinCard } from '../parts/pin-card.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { StatusLine } from '../parts/status-line.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { useAnnouncement } from '../parts/use-announcement.ts';
import { useTitle } from '../parts/use-title.ts';
import { useWatch } from '../parts/use-watch.ts';

/** A cluster that is watched by its PIN, without a sign-in. */
export function PinPage() {
  const pin = watchedPin.value;
  useTitle('I have a PIN');
  if (pin === undefined) {
    return (
      <>
        <h1 tabIndex={-1}>I have a PIN</h1>
        <div class="card narrow">
          <p>
            With its PIN you can watch a cluster form: its master, its workers and their addresses.
            You need not sign in. Blanks and capitals do not matter.
          </p>
          <EnterPin label="PIN" onPin={setWatchedPin} />
          <p class="small soft">
            This tab keeps the PIN over a reload, until you close the tab. The browser sends it to
            this service only.
          </p>
        </div>
      </>
    );
  }
  return <Watching key={pin.pin} found={pin} />;
}

function Watching({ found }: { found: Pin }) {
  const { pin } = found;
  const watch = useWatch(found);
  const watched = watch?.watched.value;
  useTitle(watched ? titleOf(watched.cluster, `${pin.slice(0, 4)}…`) : 'I have a PIN');
  useAnnouncement(`Cluster ${pin.slice(0, 4)}…`, watched?.cluster);
  const other = (
    <button type="button" onClick={() => setWatchedPin(undefined)}>
      Another PIN
    </button>
  );
  if (watch?.isUnknown.value && watched?.cluster.state !== 'ended') {
    return (
      <div class="card empty">
        <h1 tabIndex={-1}>This PIN is no longer good</h1>
        <p class="soft">
          The service does not know <code>{pin}</code>: its cluster was ended, or it has expired.
          Get a new PIN.
        </p>
        {other}
      </div>
    );
  }
  if (!watched) return <Skeleton lines={8} />;
  const { cluster, masterAddress, members, failure } = watched;
  return (
    <>
      <div class="head">
        <div class="stack tight">
          <h1 tabIndex={-1}>Cluster {pin.slice(0, 4)}…</h1>
          <StatusLine cluster={cluster} masterAddress={masterAddress} />
        </div>
        <div class="row">
          {watch && cluster.state !== 'ended' && <Live connection={watch.connection.value} />}
          {other}
        </div>
      </div>
      <AdviceOn cluster={cluster} failure={failure} />
      <div class="columns">
        <section class="card" aria-labelledby="timeline-title">
          <h2 id="timeline-title">Timeline</h2>
          <Timeline cluster={cluster} />
        </section>
        <PinCard pin={pin} cluster={cluster} />
      </div>
      <Members cluster={cluster} members={members} />
    </>
  );
}
