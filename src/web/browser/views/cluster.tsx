import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { nameOf, titleOf } from '../state/cluster.ts';
import {
  connection,
  findIssuance,
  isFollowed,
  issuances,
  owner,
  revokeIssuance,
} from '../state/issuances.ts';
import { withWatched } from '../state/merge.ts';
import { page } from '../state/page.ts';
import { keepPin, type Pin, pinOf } from '../state/pins.ts';
import { showError, showToast } from '../state/toasts.ts';
import type { Issuance } from '../state/wire.ts';
import { AdviceOn } from '../parts/advice.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { EnterPin } from '../parts/enter-pin.tsx';
import { Live } from '../parts/live.tsx';
import { Members } from '../parts/members.tsx';
import { PinCard } from '../parts/pin-card.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { StatusLine } from '../parts/status-line.tsx';
import { Time } from '../parts/time.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { useAnnouncement } from '../parts/use-announcement.ts';
import { useTitle } from '../parts/use-title.ts';
import { useWatch } from '../parts/use-watch.ts';
import { Contexts } from './contexts.tsx';
import { Commands, Start } from './start.tsx';

/** The pages of one cluster: how far it is, its contexts, and its start. */
export function ClusterPages({ id, part }: { id: string; part: string | undefined }) {
  const isMissing = useSignal(false);
  const issuance = issuances.value.get(id);
  useEffect(() => {
    isMissing.value = false;
    if (issuances.value.has(id)) return;
    findIssuance(id)
      .then((found) => (isMissing.value = found === undefined))
      .catch(showError);
  }, [id]);
  useEffect(() => {
    // An admin may watch another user's.
    if (issuance && !isFollowed(issuance)) owner.value = issuance.owner;
  }, [issuance?.owner]);

  if (!issuance) return isMissing.value ? <NoCluster /> : <Skeleton lines={8} />;
  const pin = pinOf(issuance);
  if (part === undefined) return <ClusterPage issuance={issuance} pin={pin} />;
  if (pin === undefined) return <NeedsPin issuance={issuance} />;
  return part === 'contexts' ? (
    <Contexts issuance={issuance} pin={pin.pin} />
  ) : (
    <Start issuance={issuance} pin={pin} />
  );
}

function NoCluster() {
  useTitle('No such cluster');
  return (
    <div class="card empty">
      <h1 tabIndex={-1}>There is no such cluster</h1>
      <p class="soft">It may belong to somebody else, or its record is no longer kept.</p>
      <a class="button" href="/">
        My clusters
      </a>
    </div>
  );
}

/** The PIN of a cluster is in the tab in which it was issued, and only there. */
function NeedsPin({ issuance }: { issuance: Issuance }) {
  useTitle(nameOf(issuance));
  return (
    <>
      <h1 tabIndex={-1}>{nameOf(issuance)}</h1>
      <div class="card">
        <h2>This tab does not have the PIN</h2>
        <p>
          It is shown only in the tab in which it was issued, and the service does not store it. If
          you have it, enter it here; otherwise revoke this one on{' '}
          <a href={`/clusters/${issuance.id}`}>its page</a> and <a href="/new">get a new one</a>.
        </p>
        <EnterPin
          label={`The PIN that begins with ${issuance.hint}`}
          hint={issuance.hint}
          onPin={keepPin}
        />
      </div>
    </>
  );
}

function ClusterPage(props: { issuance: Issuance; pin: Pin | undefined }) {
  const { issuance: record, pin } = props;
  const isEnded = record.state === 'ended';
  const watch = useWatch(isEnded ? undefined : pin);
  const watched = watch?.watched.value;
  const issuance = withWatched(record, watch);
  const isAsking = useSignal(false);
  useAnnouncement(nameOf(issuance), issuance);
  useTitle(titleOf(issuance, nameOf(issuance)));
  const revoke = () => {
    revokeIssuance(issuance.id)
      .then(() => showToast(`Revoked: ${nameOf(issuance)}`))
      .catch(showError);
  };
  return (
    <>
      <p class="crumb">
        <a href="/">My clusters</a>
      </p>
      <div class="head">
        <div class="stack tight">
          <h1 tabIndex={-1}>{nameOf(issuance)}</h1>
          <StatusLine cluster={issuance} masterAddress={watched?.masterAddress ?? null} />
        </div>
        <div class="row">
          {!isEnded && <Live connection={connection.value} />}
          {!isEnded && pin !== undefined && (
            <a class="button" href={`/clusters/${issuance.id}/contexts`}>
              Contexts
            </a>
          )}
          {!isEnded && (
            <button type="button" class="danger" onClick={() => (isAsking.value = true)}>
              Revoke
            </button>
          )}
        </div>
      </div>
      <AdviceOn cluster={issuance} failure={watched?.failure ?? null} />
      <div class="columns">
        <section class="card" aria-labelledby="timeline-title">
          <h2 id="timeline-title">Timeline</h2>
          <Timeline cluster={issuance} />
        </section>
        <div class="stack">
          {pin !== undefined && <PinCard pin={pin.pin} cluster={issuance} />}
          <section class="card" aria-labelledby="facts-title">
            <h2 id="facts-title">About</h2>
            <Facts issuance={issuance} />
          </section>
          {pin === undefined && !isEnded && (
            <section class="card" aria-labelledby="enter-title">
              <h2 id="enter-title">Addresses</h2>
              <p class="small soft">
                The service can read the addresses of the machines only with the PIN, which it does
                not store.
              </p>
              <EnterPin
                label={`The PIN that begins with ${issuance.hint}`}
                hint={issuance.hint}
                onPin={keepPin}
              />
            </section>
          )}
        </div>
      </div>
      <Members cluster={issuance} members={watched?.members ?? []} />
      {pin !== undefined && !isEnded && <Commands pin={pin.pin} issuance={issuance} />}
      {isAsking.value && (
        <Confirm
          title={`Revoke ${nameOf(issuance)}?`}
          words="Its cluster ends now, and its machines can no longer pair. Those that have paired stay as they are. This cannot be undone."
          yes="Revoke"
          onYes={revoke}
          onClose={() => (isAsking.value = false)}
        />
      )}
    </>
  );
}

function Facts({ issuance }: { issuance: Issuance }) {
  const { hint, owner: whose, creation_time, expiration_time, end_time } = issuance;
  return (
    <dl class="facts">
      <div>
        <dt>PIN</dt>
        <dd>
          <code>{hint}…</code>
        </dd>
      </div>
      <div>
        <dt>Owner</dt>
        <dd>{whose === page.user ? `${whose} (you)` : whose}</dd>
      </div>
      <div>
        <dt>Issued</dt>
        <dd>
          <Time time={creation_time} />
        </dd>
      </div>
      <div>
        <dt>{end_time === null ? 'Expires' : 'Ended'}</dt>
        <dd>
          <Time time={end_time ?? expiration_time} />
        </dd>
      </div>
      <div>
        <dt>Second masters</dt>
        <dd>{issuance.second_masters}</dd>
      </div>
      <div>
        <dt>Changes of the master</dt>
        <dd>{issuance.master_changes}</dd>
      </div>
    </dl>
  );
}
