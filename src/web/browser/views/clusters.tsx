import { useEffect } from 'preact/hooks';
import { useComputed, useSignal } from '@preact/signals';
import { alarmsOf, nameOf, statusOf, timeToPair } from '../state/cluster.ts';
import {
  connection,
  EVERYONE,
  hasOlder,
  issuances,
  loadOlder,
  listed,
  owner,
} from '../state/issuances.ts';
import { page } from '../state/page.ts';
import { showError } from '../state/toasts.ts';
import type { Issuance } from '../state/wire.ts';
import { Badge } from '../parts/badge.tsx';
import { Live } from '../parts/live.tsx';
import { Meter } from '../parts/meter.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { ExactTimes, Time } from '../parts/time.tsx';
import { useTitle } from '../parts/use-title.ts';

type Filter = 'all' | 'live' | 'alarm' | 'ended';

const needsLook = (issuance: Issuance) =>
  issuance.state !== 'ended' && (issuance.state === 'failed' || alarmsOf(issuance).length > 0);
const filters: Readonly<Record<Filter, { words: string; has: (issuance: Issuance) => boolean }>> = {
  all: { words: 'All', has: () => true },
  live: { words: 'Live', has: ({ state }) => state !== 'ended' },
  alarm: { words: 'Needs a look', has: needsLook },
  ended: { words: 'Ended', has: ({ state }) => state === 'ended' },
};

/** The clusters of the user, or with the admin role of all users, as they change. */
export function Clusters() {
  const search = useSignal('');
  const filter = useSignal<Filter>('all');
  const isLoading = useSignal(false);
  const followed = useComputed(() =>
    [...issuances.value.values()]
      .filter((each) => listed.value === EVERYONE || each.owner === listed.value)
      .toSorted((one, other) => other.creation_time.localeCompare(one.creation_time)),
  );
  const found = useComputed(() => {
    const words = search.value.trim().toLowerCase();
    return followed.value.filter(
      (issuance) =>
        filters[filter.value].has(issuance) &&
        `${issuance.description ?? ''} ${issuance.hint} ${issuance.owner}`
          .toLowerCase()
          .includes(words),
    );
  });
  const load = () => {
    isLoading.value = true;
    loadOlder()
      .catch(showError)
      .finally(() => (isLoading.value = false));
  };
  // The page has the newest clusters of the user; those of others are read now.
  useEffect(() => {
    owner.value = listed.value;
    if (followed.value.length === 0 && hasOlder()) load();
  }, [listed.value]);

  const live = found.value.filter(({ state }) => state !== 'ended');
  const ended = found.value.filter(({ state }) => state === 'ended');
  const looks = followed.value.filter(needsLook).length;
  const isEveryone = listed.value === EVERYONE;
  const title = isEveryone ? "Everyone's clusters" : 'My clusters';
  const count = followed.value.filter(({ state }) => state !== 'ended').length;
  useTitle(`${looks > 0 ? '⚠ ' : ''}${title}${count > 0 ? ` (${count} live)` : ''}`);

  return (
    <>
      <div class="head">
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          <Live connection={connection.value} />
        </div>
        <div class="row">
          {page.isAdmin && (
            <div class="segments" role="group" aria-label="Whose clusters">
              <button
                type="button"
                aria-pressed={!isEveryone}
                onClick={() => (listed.value = page.user!)}
              >
                Mine
              </button>
              <button
                type="button"
                aria-pressed={isEveryone}
                onClick={() => (listed.value = EVERYONE)}
              >
                Everyone's
              </button>
            </div>
          )}
          <a class="button primary" href="/new">
            New cluster
          </a>
        </div>
      </div>
      {followed.value.length === 0 && !isLoading.value ? (
        <Empty />
      ) : (
        <>
          <div class="row">
            <input
              type="search"
              class="search"
              aria-label="Search the clusters"
              placeholder={isEveryone ? 'Description, PIN or owner' : 'Description or PIN'}
              value={search}
              onInput={({ currentTarget }) => (search.value = currentTarget.value)}
            />
            <div class="segments" role="group" aria-label="State of the clusters">
              {Object.entries(filters).map(([name, { words, has }]) => (
                <button
                  key={name}
                  type="button"
                  aria-pressed={filter.value === name}
                  onClick={() => (filter.value = name as Filter)}
                >
                  {words} <span class="soft count">{followed.value.filter(has).length}</span>
                </button>
              ))}
            </div>
            <ExactTimes />
          </div>
          {live.length > 0 && <List title="Live" found={live} isEveryone={isEveryone} />}
          {ended.length > 0 && <List title="Ended" found={ended} isEveryone={isEveryone} />}
          {found.value.length === 0 && !isLoading.value && (
            <div class="card empty">
              <p>No cluster matches.</p>
              <button
                type="button"
                onClick={() => {
                  search.value = '';
                  filter.value = 'all';
                }}
              >
                Show all
              </button>
            </div>
          )}
          {isLoading.value && <Skeleton />}
          {hasOlder() && !isLoading.value && (
            <p>
              <button type="button" onClick={load}>
                Older ones
              </button>
            </p>
          )}
        </>
      )}
    </>
  );
}

function List(props: { title: string; found: readonly Issuance[]; isEveryone: boolean }) {
  const { title, found, isEveryone } = props;
  return (
    <section aria-labelledby={`list-${title}`} class="stack tight">
      <h2 id={`list-${title}`}>
        {title} <small class="count">{found.length}</small>
      </h2>
      <div class="card flush">
        <ul class="list">
          {found.map((issuance) => (
            <Row key={issuance.id} issuance={issuance} isEveryone={isEveryone} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Row({ issuance, isEveryone }: { issuance: Issuance; isEveryone: boolean }) {
  const { id, hint, state, creation_time, expiration_time, end_time } = issuance;
  const paired = timeToPair(issuance);
  const alarms = alarmsOf(issuance);
  return (
    <li class="cluster">
      <div>
        <Badge {...statusOf(issuance)} />
      </div>
      <div>
        <h3>
          <a href={`/clusters/${id}`}>{nameOf(issuance)}</a>
        </h3>
        <p class="about">
          <code>{hint}…</code>
          {isEveryone && <span>{issuance.owner}</span>}
          <span>
            issued <Time time={creation_time} />
          </span>
          <span>
            {state === 'ended' ? 'ended' : 'expires'} <Time time={end_time ?? expiration_time} />
          </span>
        </p>
        {alarms.length > 0 && (
          <p class="alarms">
            {alarms.map((alarm) => (
              <Badge key={alarm.words} {...alarm} sign="alarm" />
            ))}
          </p>
        )}
      </div>
      <div class="progress">
        {state === 'ended' ? (
          <span class="soft">{paired ?? 'never paired'}</span>
        ) : (
          <Meter cluster={issuance} />
        )}
      </div>
    </li>
  );
}

function Empty() {
  return (
    <div class="card empty">
      <img
        src={document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href}
        alt=""
        width="56"
        height="56"
      />
      <h2>No clusters yet</h2>
      <p class="soft">
        Get a PIN, put it into the contexts of a master and its workers, and start them in any
        order. The cluster appears here and shows how far it is: master, workers, and what needs a
        look.
      </p>
      <p class="row">
        <a class="button primary large" href="/new">
          Make the first one
        </a>
        <a class="button large" href="/pin">
          I have a PIN
        </a>
      </p>
    </div>
  );
}
