import { nameOf, titleOf } from '../state/cluster.ts';
import { withWatched } from '../state/merge.ts';
import { page } from '../state/page.ts';
import type { Pin } from '../state/pins.ts';
import type { Issuance } from '../state/wire.ts';
import { AdviceOn } from '../parts/advice.tsx';
import { Command } from '../parts/copy.tsx';
import { Members } from '../parts/members.tsx';
import { Steps } from '../parts/steps.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { useWatch } from '../parts/use-watch.ts';
import { useAnnouncement } from '../parts/use-announcement.ts';
import { useTitle } from '../parts/use-title.ts';
import { StatusLine } from '../parts/status-line.tsx';

/** The third step of a cluster: its machines are started and watched. */
export function Start({ issuance: record, pin }: { issuance: Issuance; pin: Pin }) {
  const watch = useWatch(pin);
  const watched = watch?.watched.value;
  const issuance = withWatched(record, watch);
  const { id } = issuance;
  useAnnouncement(nameOf(issuance), issuance);
  useTitle(titleOf(issuance, nameOf(issuance)));
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Start the machines</h1>
        <a class="button" href={`/clusters/${id}`}>
          The cluster’s page
        </a>
      </div>
      <Steps step={3} id={id} />
      <div class="columns">
        <Commands pin={pin.pin} issuance={issuance} />
        <div class="stack">
          <AdviceOn cluster={issuance} failure={watched?.failure ?? null} />
          <section class="card" aria-labelledby="progress-title">
            <h2 id="progress-title">How far it is</h2>
            <StatusLine cluster={issuance} masterAddress={watched?.masterAddress ?? null} />
            <Timeline cluster={issuance} />
          </section>
        </div>
      </div>
      <Members cluster={issuance} members={watched?.members ?? []} />
    </>
  );
}

/** The commands that people type for a cluster. */
export function Commands({ pin, issuance }: { pin: string; issuance: Issuance }) {
  const name = slugOf(nameOf(issuance));
  const count = issuance.workers.expected ?? 3;
  const machine = 'openstack server create --image "$IMAGE" --flavor "$FLAVOR" --key-name "$KEY"';
  return (
    <section class="card" aria-labelledby="commands-title">
      <h2 id="commands-title">Commands</h2>
      <div class="commands">
        <div>
          <h3>The master</h3>
          <Command
            what="the command that starts the master"
            text={`${machine} \\\n  --user-data master-context.txt ${name}-master`}
          />
        </div>
        <div>
          <h3>The workers</h3>
          <Command
            what="the command that starts the workers"
            text={`${machine} \\\n  --user-data worker-context.txt --min ${count} --max ${count} ${name}-worker`}
          />
        </div>
        <div>
          <h3>Can a machine reach the service?</h3>
          <p class="small soft">Where your machines run, this must answer with the PIN:</p>
          <Command
            what="the command that tries the PIN"
            text={`curl -fsS ${page.service}/api/v1/clusters/${pin}`}
          />
        </div>
        <div>
          <h3>From a shell</h3>
          <p class="small soft">
            The first prints each change; the second waits, and its exit code says what came.
          </p>
          <Command
            what="the command that watches the cluster"
            text={`PAIRING_URL=${page.service} cernvm-pairing watch ${pin}`}
          />
          <Command
            what="the command that waits for the cluster"
            text={`PAIRING_URL=${page.service} cernvm-pairing wait --for complete --workers ${count} ${pin}`}
          />
        </div>
      </div>
    </section>
  );
}

/** A name for machines: letters, digits and hyphens. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return slug.slice(0, 40) || 'cluster';
}
