import { announcement, toasts } from '../state/toasts.ts';

/** What was just done, at the edge of the screen, and what a screen reader says beside it. */
export function Toasts() {
  return (
    <>
      <div class="toasts" role="status">
        {toasts.value.map(({ id, words }) => (
          <p class="toast" key={id}>
            {words}
          </p>
        ))}
      </div>
      <p class="unseen" aria-live="polite">
        {announcement}
      </p>
    </>
  );
}
