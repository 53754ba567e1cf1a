import { byId, showError } from './dom.js';

/** The state of a cluster, which the stream sends first. Each later event has a part of it. */
interface Snapshot {
  expiration_time: string;
  master_address: string | null;
  master_registered_time: string | null;
  master_ready_time: string | null;
  second_masters: number;
  master_changes: number;
  fetches: number;
}

/** Is told what the stream sends. */
export interface Watcher {
  /** Called with the first state, and after each reconnection. `expiresAt` is in milliseconds since the epoch. */
  onState(expiresAt: number): void;
  /** The master has registered, or is ready. */
  onProgress(): void;
  /** The cluster has ended or expired, as this message says. */
  onEnd(message: string): void;
}

export const EXPIRED = 'It has expired, and no machine can use it any more. Get a new PIN.';
const ENDED = 'Its cluster was ended, and no machine can use it any more. Get a new PIN.';
const RETRY_MS = 5_000;
let stream: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Shows the state of a cluster as it changes. Connects again when the service was away. */
export function watch(pin: string, watcher: Watcher): void {
  showMaster(null, null);
  showReady(null);
  showWorkers(0);
  showSecondMasters(0);
  showMasterChanges(0);
  showConnection('');
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
  const end = (message: string) => {
    source.close();
    showConnection('');
    watcher.onEnd(message);
  };

  source.addEventListener('open', () => showConnection(''));
  source.addEventListener('error', () => {
    showConnection('The service does not answer at the moment. This page tries again by itself.');
    // The browser connects again by itself, except after an answer that is not a stream.
    if (source.readyState === EventSource.CLOSED) reconnect().catch(showError);
  });
  async function reconnect(): Promise<void> {
    const isEnded = await isMissing(pin);
    if (stream !== source) return; // another PIN is watched by now
    if (isEnded) end(ENDED);
    else retry = setTimeout(() => listen(pin, watcher), RETRY_MS);
  }

  on<Snapshot>('state', (state) => {
    showMaster(state.master_address, state.master_registered_time);
    showReady(state.master_ready_time);
    showWorkers(state.fetches);
    showSecondMasters(state.second_masters);
    showMasterChanges(state.master_changes);
    watcher.onState(Date.parse(state.expiration_time));
  });
  on<{ address: string; time: string }>('master_registered', ({ address, time }) => {
    showMaster(address, time);
    watcher.onProgress();
  });
  on<{ time: string }>('master_ready', ({ time }) => {
    showReady(time);
    watcher.onProgress();
  });
  on<{ fetches: number }>('worker_fetched', ({ fetches }) => showWorkers(fetches));
  on<{ second_masters: number }>('second_master', (event) =>
    showSecondMasters(event.second_masters),
  );
  on<{ master_changes: number }>('master_changed', (event) =>
    showMasterChanges(event.master_changes),
  );
  on<{ reason: string }>('ended', ({ reason }) => end(reason === 'expired' ? EXPIRED : ENDED));
}

/** Whether the service answers that there is no such cluster; false when it does not answer. */
async function isMissing(pin: string): Promise<boolean> {
  const answer = await fetch(`/api/v1/clusters/${pin}`).catch(() => undefined);
  return answer?.status === 404;
}

function showMaster(address: string | null, time: string | null): void {
  showLine(
    'master',
    address === null || time === null
      ? undefined
      : `Master registered: ${address}, at ${new Date(time).toLocaleTimeString()}`,
    'Waiting for the master',
  );
}

function showReady(time: string | null): void {
  showLine(
    'ready',
    time === null ? undefined : `Master ready, at ${new Date(time).toLocaleTimeString()}`,
    'Not ready yet',
  );
}

function showWorkers(fetches: number): void {
  const words = fetches === 1 ? '1 worker has' : `${fetches} workers have`;
  showLine(
    'workers',
    fetches === 0 ? undefined : `${words} fetched the address`,
    'No worker has fetched the address',
  );
}

function showSecondMasters(count: number): void {
  showAlarm(
    'second',
    count > 0 &&
      'Two machines claim to be the master, and the one that came later was refused. Check that the address above is your master’s. If it is, stop the other machine; if it is not, somebody else knows the PIN: revoke it.',
  );
}

function showMasterChanges(count: number): void {
  const times = count === 1 ? 'once' : `${count} times`;
  showAlarm(
    'changed',
    count > 0 &&
      `After the master had registered, it was changed or removed ${times}. If you did not do that, somebody else knows the PIN: revoke it.`,
  );
}

function showAlarm(id: string, words: string | false): void {
  const element = byId(id);
  element.hidden = words === false;
  element.textContent = words || '';
}

function showLine(id: string, done: string | undefined, waiting: string): void {
  const element = byId(id);
  element.textContent = done ?? waiting;
  element.classList.toggle('done', done !== undefined);
}

function showConnection(words: string): void {
  byId('connection').textContent = words;
}
