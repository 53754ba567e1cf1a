import { showError } from './toasts.ts';

/**
 * Lets the tabs of this browser share one stream, because a browser opens only six connections to a service by
 * HTTP/1.1. The tab that was visible last holds the stream, and passes each message on to the others.
 * @param open opens the stream; its argument takes the messages. Returns what closes it.
 * @returns what ends the part of this tab
 */
export function shareStream<Message>(
  name: string,
  open: (send: (message: Message) => void) => () => void,
  receive: (message: Message) => void,
): () => void {
  // Locks exist only in secure contexts: https and localhost.
  if (!('locks' in navigator)) return open(receive);
  const channel = new BroadcastChannel(name);
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => receive(data));
  const ended = new AbortController();
  let release: (() => void) | undefined;

  const hold = () =>
    new Promise<void>((resolve) => {
      const close = open((message) => {
        receive(message);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
        channel.postMessage(message);
      });
      release = () => {
        release = undefined;
        close();
        resolve();
      };
    });

  /** Holds the stream until this tab ends or another one takes it. */
  async function take(options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(name, options, hold);
    } catch {
      release?.(); // another tab has taken it, or this one has ended
    }
  }
  /** Takes the stream whenever no other tab holds it. */
  async function queue(): Promise<void> {
    while (!ended.signal.aborted) await take({ signal: ended.signal });
  }
  const takeOver = () => {
    if (!document.hidden && !release) take({ steal: true }).catch(showError);
  };

  takeOver();
  queue().catch(showError);
  document.addEventListener('visibilitychange', takeOver);
  return () => {
    document.removeEventListener('visibilitychange', takeOver);
    ended.abort();
    release?.();
    channel.close();
  };
}
