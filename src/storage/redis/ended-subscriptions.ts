import { PubSub } from '@redis/client/dist/lib/client/pub-sub.js';

/**
 * When a slot leaves a server, it ends the sharded subscriptions in that slot, and says so. If commands are in flight,
 * node-redis 6.3 can take this for the reply to one of them, and then gives each later reply to the wrong command. So it is
 * told to ignore the message: `Shard` knows from the map of slots what has left.
 */
export function ignoreEndedSubscriptions(): void {
  PubSub.isShardedUnsubscribe = () => false;
}
