import { signal, type ReadonlySignal } from '@preact/signals';
import { account } from './account.ts';
import { ask, client, isNotFound } from './api.ts';
import type { Cluster } from './cluster.ts';
import type { Pin } from './pins.ts';
import { type Connection, openStream } from './stream.ts';
import { showError } from './toasts.ts';
import type { Member, Snapshot, Workers } from './wire.ts';

/** What can be seen of a cluster with its PIN. */
export interface Watched {
  readonly cluster: Cluster;
  readonly masterAddress: string | null;
  readonly members: readonly Member[];
  /** Why the master failed, in its own words. */
  readonly failure: string | null;
}

/** A cluster that is watched by its PIN. */
export interface Watch {
  /** Undefined until it has been read. */
  readonly watched: ReadonlySignal<Watched | undefined>;
  readonly connection: ReadonlySignal<Connection>;
  /** The service knows no such PIN: it never did, or the cluster has ended. */
  readonly isUnknown: ReadonlySignal<boolean>;
  close(): void;
}

/** After what time the list of members is read when it has changed; 1 ms more for each member, as lists may be long. */
const MEMBERS_DELAY_MS = 250;

/** Watches a cluster by its PIN. */
export function watchPin({ pin, creation_time }: Pin): Watch {
  const watched = signal<Watched | undefined>();
  const connection = signal<Connection>('connecting');
  const isUnknown = signal(false);
  const path = { pin };
  let reading: ReturnType<typeof setTimeout> | undefined;

  const change = (cluster: Partial<Cluster>, rest: Partial<Watched> = {}) => {
    const before = watched.value;
    if (before) watched.value = { ...before, ...rest, cluster: { ...before.cluster, ...cluster } };
  };

  function onState(snapshot: Snapshot): void {
    const before = watched.value;
    watched.value = {
      members: before?.members ?? [],
      failure: before?.failure ?? null,
      masterAddress: snapshot.master_address,
      cluster: {
        ...snapshot,
        outcome: null,
        creation_time,
        master_time: snapshot.master_registered_time,
        ready_time: snapshot.master_ready_time,
        first_fetch_time: before?.cluster.first_fetch_time ?? null,
        end_time: null,
      },
    };
    readMembers();
    if (snapshot.state === 'failed') readFailure().catch(onFailure);
  }

  async function readFailure(): Promise<void> {
    const failure = await ask(client.GET('/api/v1/clusters/{pin}/keys', { params: { path } })).then(
      (keys) => keys.find(({ key }) => key === 'master_failed')?.value ?? null,
    );
    change({}, { failure });
  }

  /** Reads the members soon, and once for changes that follow each other quickly. */
  function readMembers(): void {
    reading ??= setTimeout(
      () => {
        reading = undefined;
        membersOf(pin)
          .then((members) => change({}, { members }))
          .catch(showError);
      },
      MEMBERS_DELAY_MS + (watched.value?.members.length ?? 0),
    );
  }

  const close = openStream({
    url: `/api/v1/clusters/${pin}/events`,
    events: {
      state: onState,
      master_registered: ({ address, time }: { address: string; time: string }) =>
        change({ state: 'master_registered', master_time: time }, { masterAddress: address }),
      master_ready: ({ time }: { time: string }) => change({ state: 'ready', ready_time: time }),
      worker_fetched: ({ fetches }: { fetches: number }) =>
        change({
          fetches,
          first_fetch_time: watched.value?.cluster.first_fetch_time ?? new Date().toISOString(),
        }),
      second_master: (counts: { second_masters: number }) => change(counts),
      master_changed: (counts: { master_changes: number }) => change(counts),
      members: (workers: Workers) => {
        change({ workers });
        readMembers();
      },
      complete: ({ time }: { time: string }) => change({ completed_time: time }),
      failed: ({ time }: { time: string }) => {
        change({ state: 'failed', failed_time: time });
        readFailure().catch(onFailure);
      },
      ended: ({ reason }: { reason: string }) => {
        close();
        const end_time =
          reason === 'expired'
            ? (watched.value?.cluster.expiration_time ?? null)
            : new Date().toISOString();
        change({ state: 'ended', end_time });
      },
    },
    onConnection: (state) => (connection.value = state),
    shouldRetry: isKnown,
    pausesWhenHidden: account.value === 'signed-in', // then the record tells the state to the tab's title
  });

  /** Whether the service may still know the PIN. */
  async function isKnown(): Promise<boolean> {
    try {
      await ask(client.GET('/api/v1/clusters/{pin}', { params: { path } }));
    } catch (error) {
      isUnknown.value = isNotFound(error);
    }
    return !isUnknown.value;
  }

  function onFailure(error: unknown): void {
    if (isNotFound(error)) isUnknown.value = true;
    else showError(error);
  }

  return {
    watched,
    connection,
    isUnknown,
    close() {
      clearTimeout(reading);
      close();
    },
  };
}

async function membersOf(pin: string): Promise<Member[]> {
  const options = { params: { path: { pin } }, headers: { accept: 'application/json' } };
  return (await ask(client.GET('/api/v1/clusters/{pin}/members', options))) as Member[]; // not text
}
