import type { Change, ClusterSignals } from '../../clusters/cluster.signals.js';
import { idOf } from './cluster-hash.js';
import type { RedisClient } from './redis-client.js';
import { SIGNAL_CHANNEL } from './scripts.js';

/** The channel for the signals of all clusters with this hash tag. */
export function channelOf(tag: string): string {
  return `${SIGNAL_CHANNEL}:{${tag}}`;
}

/** Passes on the signals that the scripts publish, until this connection is lost. */
export async function subscribe(client: RedisClient, signals: ClusterSignals): Promise<void> {
  await client.subscribe(SIGNAL_CHANNEL, (message) => pass(message, signals));
}

/** Passes on a message that a script has published: `<hash> <change>`. */
export function pass(message: string, signals: ClusterSignals): void {
  const space = message.indexOf(' ');
  signals.changed(idOf(message.slice(0, space)), message.slice(space + 1) as Change);
}
