/** The place of something that is being read. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="card" aria-busy="true">
      <span class="unseen">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton" style={{ width: `${90 - 17 * (line % 4)}%` }} />
      ))}
      <span class="loading" />
    </div>
  );
}
