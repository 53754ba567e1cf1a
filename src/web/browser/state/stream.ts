import { onWake } from './clock.ts';
import { showError } from './toasts.ts';

/** The state of a stream. */
export type Connection = 'connecting' | 'live' | 'away';

/** What a stream is made of. */
export interface StreamOptions {
  readonly url: string;
  /** Called with the data of each event, by its name. */
  readonly events: Readonly<Record<string, (data: never) => void>>;
  readonly onConnection: (connection: Connection) => void;
  /** Asked after the service refused the stream: whether to connect again later. */
  readonly shouldRetry: () => Promise<boolean>;
  /** Whether a hidden tab has no stream: a browser opens only six connections to a service by HTTP/1.1. */
  readonly pausesWhenHidden?: boolean;
}

const RETRY_MS = 3_000;

/** Opens a stream of server-sent events, and opens it again whenever it breaks. Returns what closes it. */
export function openStream(options: StreamOptions): () => void {
  const { url, events, onConnection, shouldRetry, pausesWhenHidden = false } = options;
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  function connect(): void {
    stop();
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener('open', () => onConnection('live'));
    opened.addEventListener('error', () => {
      // The browser connects again by itself, except after an answer that is not a stream.
      if (opened.readyState !== EventSource.CLOSED) onConnection('away');
      else reconnect(opened).catch(showError);
    });
    for (const [name, receive] of Object.entries(events)) {
      opened.addEventListener(name, ({ data }: MessageEvent<string>) =>
        receive(JSON.parse(data) as never),
      );
    }
  }

  async function reconnect(failed: EventSource): Promise<void> {
    const isWanted = await shouldRetry();
    if (isClosed || source !== failed || !isWanted) return;
    onConnection('away');
    retry = setTimeout(connect, RETRY_MS);
  }

  function stop(): void {
    clearTimeout(retry);
    source?.close();
  }
  const onVisibility = () => {
    if (!pausesWhenHidden) return;
    if (document.hidden) {
      stop();
      onConnection('connecting');
    } else connect();
  };

  const stopWaking = onWake(connect);
  document.addEventListener('visibilitychange', onVisibility);
  connect();
  return () => {
    isClosed = true;
    stopWaking();
    document.removeEventListener('visibilitychange', onVisibility);
    stop();
  };
}
