import { byId, sayWhy } from './dom.js';

/** What the stream says of a cluster at first; later events each tell a part of it. */
interface Snapshot {
  expiration_time: string;
  master_address: string | null;
  master_registered_time: string | null;
  master_ready_time: string | null;
  second_masters: number;
  master_changes: number;
  fetches: number;
}

/** Who wants to know what the board learns. */
export interface Watcher {
  /** How things are, at first and whenever the service was away. Until when, in ms since the epoch. */
  onState(expiresAt: number): void;
  /** The cluster has come further. */
  onProgress(): void;
  /** It is over, as these words say. */
  onEnd(words: string): void;
}

export const EXPIRED = 'It has expired, and no machine can use it any more. Get a new PIN.';
const ENDED = 'Its cluster was ended, and no machine can use it any more. Get a new PIN.';
const RETRY_MS = 5_000;
let stream: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Shows what happens to a cluster while it happens, and comes back when the service was away. */
export function watch(pin: string, watcher: Watcher): void {
  master(null, null);
  ready(null);
  workers(0);
  secondMasters(0);
  masterChanges(0);
  connection('');
  clearTimeout(retry);
  stream?.close();
  listen(pin, watcher);
}

function listen(pin: string, watcher: Watcher): void {
  const source = new EventSource(`/api/v1/clusters/${pin}/events`);
  stream = source;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what each event holds
  const on = <T>(event: string, show: (data: T) => void) =>
    source.addEventListener(event, ({ data }: MessageEvent<string>) => show(JSON.parse(data) as T));
  const end = (words: string) => {
    source.close();
    connection('');
    watcher.onEnd(words);
  };

  source.addEventListener('open', () => connection(''));
  source.addEventListener('error', () => {
    connection('The service does not answer at the moment. This page tries again by itself.');
    // The browser comes back by itself, except after an answer that is no stream.
    if (source.readyState === EventSource.CLOSED) comeBack().catch(sayWhy);
  });
  async function comeBack(): Promise<void> {
    const ended = await isGone(pin);
    if (stream !== source) return; // another PIN is watched by now
    if (ended) end(ENDED);
    else retry = setTimeout(() => listen(pin, watcher), RETRY_MS);
  }

  on<Snapshot>('state', (now) => {
    master(now.master_address, now.master_registered_time);
    ready(now.master_ready_time);
    workers(now.fetches);
    secondMasters(now.second_masters);
    masterChanges(now.master_changes);
    watcher.onState(Date.parse(now.expiration_time));
  });
  on<{ address: string; time: string }>('master_registered', ({ address, time }) => {
    master(address, time);
    watcher.onProgress();
  });
  on<{ time: string }>('master_ready', ({ time }) => {
    ready(time);
    watcher.onProgress();
  });
  on<{ fetches: number }>('worker_fetched', ({ fetches }) => workers(fetches));
  on<{ second_masters: number }>('second_master', (now) => secondMasters(now.second_masters));
  on<{ master_changes: number }>('master_changed', (now) => masterChanges(now.master_changes));
  on<{ reason: string }>('ended', ({ reason }) => end(reason === 'expired' ? EXPIRED : ENDED));
}

/** Whether the service says that there is no such cluster; false when it says nothing. */
async function isGone(pin: string): Promise<boolean> {
  const answer = await fetch(`/api/v1/clusters/${pin}`).catch(() => undefined);
  return answer?.status === 404;
}

function master(address: string | null, time: string | null): void {
  line(
    'master',
    address === null || time === null
      ? undefined
      : `Master registered: ${address}, at ${new Date(time).toLocaleTimeString()}`,
    'Waiting for the master',
  );
}

function ready(time: string | null): void {
  line(
    'ready',
    time === null ? undefined : `Master ready, at ${new Date(time).toLocaleTimeString()}`,
    'Not ready yet',
  );
}

function workers(fetches: number): void {
  const words = fetches === 1 ? '1 worker has' : `${fetches} workers have`;
  line(
    'workers',
    fetches === 0 ? undefined : `${words} fetched the address`,
    'No worker has fetched the address',
  );
}

function secondMasters(count: number): void {
  alarm(
    'second',
    count > 0 &&
      'Two machines claim to be the master, and the one that came later was refused. Check that the address above is your master’s. If it is, stop the other machine; if it is not, somebody else knows the PIN: revoke it.',
  );
}

function masterChanges(count: number): void {
  const times = count === 1 ? 'once' : `${count} times`;
  alarm(
    'changed',
    count > 0 &&
      `After the master had registered, it was changed or removed ${times}. If you did not do that, somebody else knows the PIN: revoke it.`,
  );
}

function alarm(id: string, words: string | false): void {
  const element = byId(id);
  element.hidden = words === false;
  element.textContent = words || '';
}

function line(id: string, done: string | undefined, waiting: string): void {
  const element = byId(id);
  element.textContent = done ?? waiting;
  element.classList.toggle('done', done !== undefined);
}

function connection(words: string): void {
  byId('connection').textContent = words;
}
