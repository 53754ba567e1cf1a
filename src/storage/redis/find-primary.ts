import { StartError } from '../../errors/start-error.js';
import { askOnce } from './ask-once.js';
import { redisProblem } from './redis-problem.js';
import type { Node, RedisAddress } from './redis-url.js';

/**
 * Finds the node that accepts writes: the only node of the URL, or the master that the first answering sentinel
 * names. Fails with the problem of the last sentinel, as `redisProblem` describes it.
 *
 * node-redis has a client for Sentinel, but during a failover it delays commands and repeats them. We must refuse
 * at once and never write twice.
 */
export async function findPrimary(address: RedisAddress): Promise<Node> {
  const { nodes, masterName } = address;
  if (masterName === undefined) return nodes[0];
  let problem: unknown;
  for (const sentinel of nodes) {
    try {
      return await ask(sentinel, address, masterName);
    } catch (error) {
      problem = error instanceof StartError ? error : redisProblem('Sentinel', sentinel, error);
    }
  }
  throw problem;
}

/** Asks without a password first: sentinels often have none where Redis has one. */
async function ask(
  sentinel: Node,
  { tls, tlsFiles, username, password }: RedisAddress,
  masterName: string,
): Promise<Node> {
  try {
    return await askAs({ tls, tlsFiles }, sentinel, masterName);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOAUTH'))) throw error;
    return askAs({ tls, tlsFiles, username, password }, sentinel, masterName);
  }
}

async function askAs(
  access: Partial<RedisAddress>,
  sentinel: Node,
  masterName: string,
): Promise<Node> {
  const question = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName];
  const found = await askOnce(sentinel, access, (client) => client.sendCommand(question));
  if (!Array.isArray(found)) throw unknownMaster(sentinel, masterName);
  const [host, port] = found.map(String);
  return { host: host!, port: Number(port) };
}

function unknownMaster({ host, port }: Node, masterName: string): StartError {
  return new StartError(`Sentinel at ${host}:${port} knows no master called ${masterName}.`);
}
