import type { Watched } from './watch.ts';
import type { Issuance } from './wire.ts';

/** A record with what the stream of its PIN says, which comes sooner; the record has the last word on its end. */
export function withWatched(issuance: Issuance, watched: Watched | undefined): Issuance {
  if (!watched || issuance.state === 'ended' || watched.cluster.state === 'ended') return issuance;
  const { first_fetch_time: first, ...cluster } = watched.cluster;
  return {
    ...issuance,
    ...cluster,
    first_fetch_time: issuance.first_fetch_time ?? first,
  };
}
