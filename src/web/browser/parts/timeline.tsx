import type { Cluster } from '../state/cluster.ts';
import { now } from '../state/clock.ts';
import { between, clockText, dayText, durationText, exactText } from '../state/times.ts';

/** A step of a cluster: when it was reached, and how long the phase before it took. */
interface Step {
  readonly words: string;
  readonly time: string | null;
  /** It was reached before this page could see when. */
  readonly isEarlier?: boolean;
  /** 1 to 4: the phase that ends with this step; its colour. */
  readonly phase?: number;
}

function stepsOf(cluster: Cluster): Step[] {
  const { creation_time, master_time, ready_time, failed_time, first_fetch_time } = cluster;
  const isEarlier = cluster.fetches > 0 && first_fetch_time === null;
  return [
    { words: 'PIN issued', time: creation_time },
    { words: 'Master registered', time: master_time, phase: 1 },
    failed_time !== null && ready_time === null
      ? { words: 'Master failed', time: failed_time, phase: 2 }
      : { words: 'Master ready', time: ready_time, phase: 2 },
    { words: 'First worker', time: first_fetch_time, phase: 3, isEarlier },
    ...(cluster.workers.expected === null
      ? []
      : [{ words: 'All expected workers ready', time: cluster.completed_time, phase: 4 }]),
  ];
}

/** When each step was reached, with the durations drawn to scale. */
export function Timeline({ cluster }: { cluster: Cluster }) {
  const { state, end_time, expiration_time } = cluster;
  const ends = end_time ?? expiration_time;
  const steps = stepsOf(cluster);
  const reached = steps
    .filter((step): step is Step & { time: string } => step.time !== null)
    .toSorted((one, other) => one.time.localeCompare(other.time));
  const took = new Map<Step, number>(
    reached.map((step, index) => [step, between(reached[index - 1]?.time ?? step.time, step.time)]),
  );
  const last = reached.at(-1)!;
  const open =
    state === 'ended'
      ? undefined
      : steps.find(({ time, isEarlier }) => time === null && !isEarlier);
  const waiting = Math.max(0, now.value - Date.parse(last.time));
  return (
    <>
      <div class="scale" aria-hidden="true">
        {reached.slice(1).map((step) => (
          <i
            key={step.words}
            class={`phase-${step.phase}`}
            style={{ flexGrow: Math.max(took.get(step)!, 1) }}
            title={`${step.words}: ${durationText(took.get(step)!)}`}
          />
        ))}
        {open && (
          <i
            class={`open phase-${open.phase}`}
            style={{ flexGrow: Math.max(waiting, 1) }}
            title={`Waiting: ${durationText(waiting)}`}
          />
        )}
        {!open && <i class="rest" title="The rest of the life of the PIN, not to scale" />}
      </div>
      <ol class="steps-done">
        {steps.map((step) => (
          <li key={step.words}>
            <span
              class={`key ${step.phase ? `phase-${step.phase}` : ''} ${step.time || step.isEarlier ? '' : 'missing'}`}
              aria-hidden="true"
            />
            <span>
              {step.words}
              {step.time !== null && took.get(step)! > 0 && (
                <span class="soft took"> after {durationText(took.get(step)!)}</span>
              )}
              {step === open && (
                <span class="soft took"> – waiting for {durationText(waiting)}</span>
              )}
            </span>
            {step.time === null ? (
              <span class="soft">{step.isEarlier ? 'earlier' : 'not yet'}</span>
            ) : (
              <time dateTime={step.time} title={exactText(step.time)}>
                {clockText(step.time)}
              </time>
            )}
          </li>
        ))}
        <li>
          <span class={`key ${end_time === null ? 'missing' : ''}`} aria-hidden="true" />
          <span>{end_time === null ? 'PIN expires' : 'Ended'}</span>
          <time dateTime={ends} title={exactText(ends)}>
            {dayText(ends)}
          </time>
        </li>
      </ol>
    </>
  );
}
