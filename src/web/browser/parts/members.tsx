import { useSignal } from '@preact/signals';
import { type Cluster, silentWorkers, type Status } from '../state/cluster.ts';
import type { Member } from '../state/wire.ts';
import { Badge } from './badge.tsx';
import { Meter } from './meter.tsx';
import { ExactTimes, Time } from './time.tsx';

const STATUS: Readonly<Record<Member['state'], Status>> = {
  waiting: { words: 'Waiting', tone: 'busy', sign: 'wait' },
  ready: { words: 'Ready', tone: 'good', sign: 'check' },
  failed: { words: 'Failed', tone: 'bad', sign: 'cross' },
};
const states = ['failed', 'waiting', 'ready'] as const;
/** More rows at once make a page slow. */
const MAX_ROWS = 250;

/** A card: how many workers there are, and which, if the PIN is at hand. */
export function Members({ cluster, members }: { cluster: Cluster; members: readonly Member[] }) {
  const { expected, joined, ready, failed } = cluster.workers;
  const silent = silentWorkers(cluster);
  const figures: [string, number | null, string][] = [
    ['expected', expected, ''],
    ['joined', joined, ''],
    ['ready', ready, ready > 0 ? 'tone-good' : ''],
    ['failed', failed, failed > 0 ? 'tone-bad' : ''],
  ];
  return (
    <section class="card" aria-labelledby="members-title">
      <h2 id="members-title">Workers</h2>
      <p class="stack tight">
        <Meter cluster={cluster} />
      </p>
      <dl class="numbers">
        {figures.map(([name, count, tone]) => (
          <div key={name} class={tone}>
            <dt>{name}</dt>
            <dd>{count ?? '–'}</dd>
          </div>
        ))}
        <div>
          <dt>by old images</dt>
          <dd>{silent}</dd>
        </div>
      </dl>
      <p class="small soft">
        Workers with the new agent report themselves: they are counted as joined, ready or failed.
        Old images only fetch the master’s address, once each: those fetches are counted as “by old
        images”.
      </p>
      {members.length > 0 && <List members={members} />}
    </section>
  );
}

function List({ members }: { members: readonly Member[] }) {
  const search = useSignal('');
  const state = useSignal<Member['state'] | 'all'>('all');
  const words = search.value.trim().toLowerCase();
  const found = members.filter(
    (member) =>
      (state.value === 'all' || member.state === state.value) &&
      `${member.name} ${member.address} ${member.detail ?? ''}`.toLowerCase().includes(words),
  );
  return (
    <>
      <div class="dots" aria-hidden="true">
        {members.map(({ name, address, state: its }) => (
          <i
            key={name}
            class={`${its} tone-${STATUS[its].tone}`}
            title={`${name} ${address}: ${STATUS[its].words}`}
          />
        ))}
      </div>
      <div class="row">
        <input
          type="search"
          class="search"
          aria-label="Search the members"
          placeholder="Name, address or reason"
          value={search}
          onInput={({ currentTarget }) => (search.value = currentTarget.value)}
        />
        <div class="segments" role="group" aria-label="State of the members">
          {(['all', ...states] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={state.value === each}
              onClick={() => (state.value = each)}
            >
              {each === 'all' ? 'All' : STATUS[each].words}
            </button>
          ))}
        </div>
        <ExactTimes />
      </div>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="Members">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Address</th>
              <th scope="col">State</th>
              <th scope="col">Joined</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MAX_ROWS).map((member) => (
              <tr key={member.name}>
                <td>{member.name}</td>
                <td>
                  <code>{member.address}</code>
                </td>
                <td>
                  <Badge {...STATUS[member.state]} />
                  {member.detail !== null && <p class="small">{member.detail}</p>}
                </td>
                <td>
                  <Time time={member.joined_time} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small soft">
        {found.length > MAX_ROWS
          ? `The first ${MAX_ROWS} of ${found.length} members. Search for the others.`
          : `${found.length} of ${members.length} members`}
      </p>
    </>
  );
}
