import { signal } from '@preact/signals';

/** The time, in milliseconds since the epoch. It moves once a second. */
export const now = signal(Date.now());

setInterval(() => (now.value = Date.now()), 1_000);

/** Hidden for longer, a page does not trust its connections: the computer may have slept. */
const MAX_HIDDEN_MS = 30_000;
let hiddenAt: number | undefined;

/** Calls `listener` when the person or the network is back. Returns what ends that. */
export function onWake(listener: () => void): () => void {
  const onVisibility = () => {
    if (!document.hidden && hiddenAt !== undefined && Date.now() - hiddenAt > MAX_HIDDEN_MS) {
      listener();
    }
  };
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', listener);
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    removeEventListener('online', listener);
  };
}

// Registered at load, so after it, `onWake` listeners see when the page was hidden.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hiddenAt = Date.now();
  else now.value = Date.now();
});
