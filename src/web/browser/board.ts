import { byId } from './dom.js';

/** What the stream says of a cluster at first; later events each tell a part of it. */
interface Snapshot {
  master_address: string | null;
  master_registered_time: string | null;
  master_ready_time: string | null;
  second_masters: number;
  fetches: number;
}

const RETRY_MS = 5_000;
let stream: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Shows what happens to a cluster while it happens, and comes back when the service was away. */
export function watch(pin: string): void {
  clearTimeout(retry);
  stream?.close();
  const source = new EventSource(`/api/v1/clusters/${pin}/events`);
  stream = source;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what each event holds
  const on = <T>(event: string, show: (data: T) => void) =>
    source.addEventListener(event, ({ data }: MessageEvent<string>) => show(JSON.parse(data) as T));

  source.addEventListener('open', () => connection(''));
  source.addEventListener('error', () => {
    connection('No live view at the moment; trying again.');
    // The browser comes back by itself, except after an answer that is no stream.
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(() => watch(pin), RETRY_MS);
  });
  on<Snapshot>('state', (now) => {
    master(now.master_address, now.master_registered_time);
    ready(now.master_ready_time);
    workers(now.fetches);
    secondMasters(now.second_masters);
  });
  on<{ address: string; time: string }>('master_registered', ({ address, time }) =>
    master(address, time),
  );
  on<{ time: string }>('master_ready', ({ time }) => ready(time));
  on<{ fetches: number }>('worker_fetched', ({ fetches }) => workers(fetches));
  on<{ second_masters: number }>('second_master', (now) => secondMasters(now.second_masters));
  on<{ reason: string }>('ended', ({ reason }) => {
    source.close();
    connection(reason === 'expired' ? 'The PIN has expired.' : 'The cluster has been ended.');
  });
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
  const element = byId('second');
  element.hidden = count === 0;
  element.textContent =
    'Another machine tried to register as master, and was refused: its context was started twice. Stop one of the two.';
}

function line(id: string, done: string | undefined, waiting: string): void {
  const element = byId(id);
  element.textContent = done ?? waiting;
  element.classList.toggle('done', done !== undefined);
}

function connection(words: string): void {
  byId('connection').textContent = words;
}
