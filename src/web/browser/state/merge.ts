import type { Watch } from './watch.ts';
import type { Issuance } from './wire.ts';

/**
 * A record with what the stream of its PIN says, which comes sooner while the stream is open. The record has the last
 * word on its end.
 */
export function withWatched(issuance: Issuance, watch: Watch | undefined): Issuance {
  const watched = watch?.connection.value === 'live' ? watch.watched.value : undefined;
  if (!watched || issuance.state === 'ended' || watched.cluster.state === 'ended') return issuance;
  const { first_fetch_time: first, ...cluster } = watched.cluster;
  return { ...issuance, ...cluster, first_fetch_time: issuance.first_fetch_time ?? first };
}
