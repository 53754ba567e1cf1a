import { setTimeout as delay } from 'node:timers/promises';
import { Client } from './client.ts';
import { memoryOf } from './memory.ts';

/** The service to be soaked. */
export interface Soaked {
  readonly url: string;
  readonly pid: number;
  /** A bearer token of someone who may issue PINs, for as long as the soak takes. */
  readonly token: string;
}

/** What was seen in one second. */
export interface Sample {
  readonly requests: number;
  readonly memoryMiB: number;
}

const LANES = 16;
/** How often a cluster is polled in its life, so that polls are most of the traffic, as in the field. */
const POLLS = 40;

/**
 * Soaks the service in traffic of every kind for some seconds, half of it on connections of its own, and
 * tells after each second how much memory it holds. Fails on any answer that is out of place.
 */
export async function* soak({ url, pid, token }: Soaked, seconds: number): AsyncGenerator<Sample> {
  const clients = [true, false].map((keepAlive) => new Client(url, { keepAlive }));
  let requests = 0;
  const over = new AbortController();

  const lane = async (client: Client) => {
    const expect = async (status: number, method: string, path: string, json?: object) => {
      const headers = path === '/clusters' ? { authorization: `Bearer ${token}` } : {};
      const outcome = await client.request(method, `/api/v1${path}`, json, headers);
      requests++;
      if (outcome.status === status) return outcome.body;
      throw new Error(`${method} ended with ${outcome.status ?? outcome.error}, not ${status}`);
    };
    while (!over.signal.aborted) await liveOnce(expect);
  };
  const lanes = Promise.all(Array.from({ length: LANES }, (_, n) => lane(clients[n % 2]!)));
  lanes.catch(() => undefined); // it is awaited in the end

  let before = 0;
  for (let second = 0; second < seconds; second++) {
    await delay(1_000);
    yield { requests: requests - before, memoryMiB: await memoryOf(pid) };
    before = requests;
  }
  over.abort();
  await lanes;
  for (const client of clients) client.close();
}

type Expect = (status: number, method: string, path: string, json?: object) => Promise<string>;

/** The life of one cluster, with all that can be asked and much that is refused. */
async function liveOnce(expect: Expect): Promise<void> {
  const { pin } = JSON.parse(await expect(201, 'POST', '/clusters', {})) as { pin: string };
  const cluster = `/clusters/${pin}`;
  const keys = `${cluster}/keys`;
  for (let n = 0; n < POLLS; n++) await expect(404, 'GET', `${keys}/master_ready`);
  await expect(201, 'POST', keys, { key: 'master_ip', value: '10.0.0.1' });
  await expect(201, 'POST', keys, { key: 'master_ip', value: '10.0.0.1' });
  await expect(409, 'POST', keys, { key: 'master_ip', value: '10.0.0.2' });
  await expect(400, 'POST', keys, { key: 'bad key', value: '' });
  await expect(201, 'POST', keys, { key: 'master_ready', value: 'x'.repeat(1_000) });
  await expect(200, 'PATCH', `${keys}/master_ready`, { value: 'true' });
  for (let n = 0; n < POLLS; n++) await expect(200, 'GET', `${keys}/master_ip`);
  await expect(200, 'GET', keys);
  await expect(200, 'GET', cluster);
  await expect(204, 'DELETE', `${keys}/master_ip`);
  await expect(204, 'DELETE', cluster); // asking for it again would count as guessing
}
