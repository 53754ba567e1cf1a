import type { RedisClient } from './redis-client.js';
import type { Node } from './redis-url.js';

/** The answer of a node of a Redis Cluster that has refused to execute a command. */
export class Redirection {
  constructor(
    /**
     * - `moved`: another node serves the slot;
     * - `ask`: the slot is being moved, and the other node has the key or should get it;
     * - `try-again`: the slot is being moved, and the nodes have some of the keys each.
     */
    readonly kind: 'moved' | 'ask' | 'try-again',
    /** The other node. */
    readonly node: Node,
  ) {}
}

/** The redirection that an error is, if it is one. `asked` is the node that answered. */
export function redirectionIn(error: unknown, asked: Node): Redirection | undefined {
  const { message } = error as Error;
  if (message.startsWith('TRYAGAIN ')) return new Redirection('try-again', asked);
  const [, kind, host, port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(message) ?? [];
  if (!kind) return undefined;
  // A node may leave out its host, if that is the one that was asked.
  const node = { host: host || asked.host, port: Number(port) };
  return new Redirection(kind === 'ASK' ? 'ask' : 'moved', node);
}

type Method = (...args: unknown[]) => unknown;

/** A client whose commands are executed for a slot that is being moved to its server: `ASKING` precedes each. */
export function asking(client: RedisClient): RedisClient {
  return new Proxy(client, {
    get(_, name) {
      const method = Reflect.get(client, name) as Method;
      return (...args: unknown[]) => {
        client.asking().catch(() => undefined); // the command after it fails, too
        return method.apply(client, args);
      };
    },
  });
}
