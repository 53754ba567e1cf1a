import { setTimeout as delay } from 'node:timers/promises';
import { Client } from './client.ts';
import { memoryOf } from './memory.ts';

/** The service under test. */
export interface Soaked {
  readonly url: string;
  readonly pid: number;
  /** A bearer token of a user who may issue PINs; it must not expire during the run. */
  readonly token: string;
}

/** The measurements of one second. */
export interface Sample {
  readonly requests: number;
  readonly memoryMiB: number;
}

const LANES = 16;
/** Polls of each cluster; polls are most of the traffic, as in the field. */
const POLLS = 40;

/**
 * Sends all kinds of requests for some seconds, half of them on new connections, and yields the memory of the
 * service after each second. Throws on any unexpected answer.
 */
export async function* soak({ url, pid, token }: Soaked, seconds: number): AsyncGenerator<Sample> {
  const clients = [true, false].map((keepAlive) => new Client(url, { keepAlive }));
  let requests = 0;
  const over = new AbortController();

  const lane = async (client: Client) => {
    const expect: Expect = async (status, method, path, json, headers = {}) => {
      const outcome = await client.request(method, `/api/v1${path}`, json, {
        ...(path === '/clusters' && { authorization: `Bearer ${token}` }),
        ...headers,
      });
      requests++;
      if (outcome.status === status) return outcome.body;
      throw new Error(`${method} ended with ${outcome.status ?? outcome.error}, not ${status}`);
    };
    while (!over.signal.aborted) await liveOnce(expect);
  };
  const lanes = Promise.all(Array.from({ length: LANES }, (_, n) => lane(clients[n % 2]!)));
  lanes.catch(() => undefined); // it is awaited below

  let before = 0;
  for (let second = 0; second < seconds; second++) {
    await Promise.race([delay(1_000), lanes]); // ends at once when a lane fails
    yield { requests: requests - before, memoryMiB: await memoryOf(pid) };
    before = requests;
  }
  over.abort();
  await lanes;
  for (const client of clients) client.close();
}

type Expect = (
  status: number,
  method: string,
  path: string,
  json?: object,
  headers?: Record<string, string>,
) => Promise<string>;

/** The life of one cluster, with all operations and several that are refused. */
async function liveOnce(expect: Expect): Promise<void> {
  const { pin } = JSON.parse(await expect(201, 'POST', '/clusters', {})) as { pin: string };
  const cluster = `/clusters/${pin}`;
  const keys = `${cluster}/keys`;
  for (let n = 0; n < POLLS; n++) await expect(404, 'GET', `${keys}/master_ready`);
  const hold = (path: string) => expect(200, 'GET', path, undefined, { prefer: 'wait=60' });
  const ready = hold(`${keys}/master_ready`);
  const joined = hold(`${cluster}/members?at_least=1`);
  const events = expect(200, 'GET', `${cluster}/events`); // ends with the cluster
  for (const held of [ready, joined, events]) held.catch(() => undefined); // each is awaited below
  await expect(201, 'POST', keys, { key: 'master_ip', value: '10.0.0.1' });
  await expect(201, 'POST', keys, { key: 'master_ip', value: '10.0.0.1' });
  await expect(409, 'POST', keys, { key: 'master_ip', value: '10.0.0.2' });
  await expect(400, 'POST', keys, { key: 'bad key', value: '' });
  await expect(201, 'POST', keys, { key: 'master_ready', value: 'x'.repeat(1_000) });
  await expect(200, 'PATCH', `${keys}/master_ready`, { value: 'true' });
  for (let n = 0; n < POLLS; n++) await expect(200, 'GET', `${keys}/master_ip`);
  await ready;
  const member = { address: '10.0.0.2', state: 'ready' };
  await expect(201, 'PUT', `${cluster}/members/worker`, member);
  await expect(200, 'PUT', `${cluster}/members/worker`, { ...member, state: 'failed' });
  await joined;
  await expect(204, 'DELETE', `${cluster}/members/worker`);
  await expect(200, 'GET', keys);
  await expect(200, 'GET', cluster);
  await expect(204, 'DELETE', `${keys}/master_ip`);
  await expect(204, 'DELETE', cluster); // asking for it again would count as guessing
  await events;
}
