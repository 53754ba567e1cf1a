import type { Change, ClusterSignals } from '../../clusters/cluster.signals.js';
import { idOf } from './cluster-hash.js';
import type { RedisClient } from './redis-client.js';
import { SIGNAL_CHANNEL } from './scripts.js';

/** Passes on the signals that the scripts publish (`<hash> <change>`), until this connection is lost. */
export async function subscribe(client: RedisClient, signals: ClusterSignals): Promise<void> {
  await client.subscribe(SIGNAL_CHANNEL, (message) => {
    const space = message.indexOf(' ');
    signals.changed(idOf(message.slice(0, space)), message.slice(space + 1) as Change);
  });
}
