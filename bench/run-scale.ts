// Measures how the cost of the service grows, and the loss of a replica, for docs/scaling.md: node bench/run-scale.ts
// Two replicas on a Redis Cluster of three shards, all on this machine. CPU is counted, because time depends on its load.
import { Agent, request as send } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../dev/load/client.ts';
import { cpuOf, cpuOfAll, cpuWhile } from '../dev/load/cpu.ts';
import { inLanes } from '../dev/load/lanes.ts';
import { memoryOf } from '../dev/load/memory.ts';
import { addKey, keyPath } from '../dev/pairing-api.ts';
import { RedisShards } from './redis-shards.ts';
import { type PairingService, type Server, Stage } from './stage.ts';
import { Waiters } from './waiters.ts';

const PORT = Number(process.env['PORT'] ?? 3950);
const SIZES = [1, 10, 100];
const CLUSTERS = 100;
const HELD = 100;
const MEMBERS = 50;
const POLLS = 5_000;
const LISTS = 200;
const UPKEEP_MS = 20_000;
const LOST = 10_000;
const KEPT = 5_000;
const WORKERS = 1_000;
const CHANGES = 3_000;
const LANES = 8;
const SETTLE_MS = 2_000;

/** Two replicas and their Redis. */
interface Setup {
  readonly first: PairingService;
  readonly second: Server;
  readonly redis: RedisShards;
}

/** A row of the table: the cost of one piece of work, at each size. */
type Row = [what: string, unit: string, ...costs: number[]];

/** Tries until it succeeds: on a busy machine Redis may seem to hang for a moment. */
async function retried<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await act();
    } catch {
      await delay(1_000);
    }
  }
  return act();
}

/** What depends on the number of live clusters. */
async function clusters({ first, second, redis }: Setup): Promise<Row[]> {
  const pins: string[] = [];
  const polls: Row = ['a poll, of one of all clusters', 'µs of CPU, with Redis'];
  const lists: Row = ['a page of the list of one’s PINs', 'µs of CPU'];
  const upkeep: Row = ['a live cluster, until it has expired', 'µs of CPU a second, with Redis'];
  const client = new Client(second.url, { keepAlive: true });
  const issuer = new Client(first.url, { keepAlive: true });
  const authorization = `Bearer ${first.token}`;
  for (const size of SIZES) {
    const missing = size * CLUSTERS - pins.length;
    await inLanes(missing, LANES, async () => {
      const pin = await retried(() => first.issuePin());
      await retried(() => addKey(first.url, pin, 'master_ip', '10.0.0.1'));
      pins.push(pin);
    });
    await delay(SETTLE_MS);
    const all = [first.pid, second.pid, ...redis.pids];
    upkeep.push((await cpuWhile(all, () => delay(UPKEEP_MS))) / UPKEEP_MS / 1e-3 / pins.length);
    const poll = (n: number) =>
      client.get(`/api/v1/clusters/${pins[(n * 7919) % pins.length]}/keys/master_ip`);
    polls.push(
      (await cpuWhile([second.pid, ...redis.pids], () => inLanes(POLLS, LANES, poll))) / POLLS,
    );
    const list = () => issuer.request('GET', '/api/v1/issuances', undefined, { authorization });
    lists.push((await cpuWhile([first.pid], () => inLanes(LISTS, LANES, list))) / LISTS);
  }
  client.close();
  issuer.close();
  return [polls, lists, upkeep];
}

/** What depends on the number of held requests. */
async function holds({ first, second }: Setup): Promise<Row[]> {
  const memory: Row = ['a held request', 'KiB of memory'];
  const cpu: Row = ['holding and releasing a request', 'µs of CPU'];
  for (const size of SIZES) {
    const waiters = new Waiters();
    const pin = await retried(() => first.issuePin());
    await delay(SETTLE_MS);
    const before = await memoryOf(second.pid);
    const spent = await cpuWhile([second.pid], async () => {
      await waiters.add(`${second.url}${keyPath(pin, 'master_ready')}`, size * HELD);
      await delay(SETTLE_MS);
      memory.push(((await memoryOf(second.pid)) - before) * (1024 / (size * HELD)));
      await waiters.releasedBy(() => retried(() => addKey(first.url, pin, 'master_ready', 'yes')));
    });
    cpu.push(spent / (size * HELD));
    waiters.close();
    await delay(SETTLE_MS);
  }
  return [memory, cpu];
}

/** Requests that were not answered as expected, because the machine is too busy. */
let refused = 0;

/** What depends on the number of members of one cluster. */
async function members({ first, second, redis }: Setup): Promise<Row[]> {
  const joins: Row = ['a member that joins', 'µs of CPU, with Redis'];
  const list: Row = ['the list of members, for each of them', 'µs of CPU, with Redis'];
  const client = new Client(second.url, { keepAlive: true });
  const servers = [second.pid, ...redis.pids];
  for (const size of SIZES) {
    const count = size * MEMBERS;
    const path = `/api/v1/clusters/${await retried(() => first.issuePin())}/members`;
    const member = (n: number) => ({ address: `10.1.${n >> 8}.${n & 255}`, state: 'ready' });
    const join = async (n: number) => {
      const { status } = await client.request('PUT', `${path}/m${n}`, member(n));
      if (status !== 201) refused++;
    };
    joins.push((await cpuWhile(servers, () => inLanes(count, LANES, join))) / count);
    const reads = Math.ceil(20_000 / count);
    const read = async () => {
      for (let n = 0; n < reads; n++) {
        if ((await client.get(path)).status !== 200) refused++;
      }
    };
    list.push((await cpuWhile(servers, read)) / count / reads);
  }
  client.close();
  return [joins, list];
}

/** The cost of a change to a replica that has nothing to do with it, and to its own replica and Redis. */
async function signals({ first, second, redis }: Setup): Promise<string[]> {
  const pins = await Promise.all(
    Array.from({ length: CHANGES / 30 }, () => retried(() => first.issuePin())),
  );
  const client = new Client(first.url, { keepAlive: true });
  const change = async (n: number) => {
    const path = `/api/v1/clusters/${pins[n % pins.length]}/keys`;
    const { status } = await client.request('POST', path, { key: `k${n}`, value: 'x' });
    if (status !== 201) refused++;
  };
  const servers = [[first.pid], [second.pid], redis.pids];
  const before = await Promise.all(servers.map(cpuOfAll));
  await inLanes(CHANGES, LANES, change);
  await delay(500);
  const after = await Promise.all(servers.map(cpuOfAll));
  client.close();
  const [own, other, shards] = after.map((cpu, n) => ((cpu - before[n]!) / CHANGES).toFixed(0));
  return [
    `A change costs its replica ${own} µs, Redis ${shards} µs, and each other replica ${other} µs.`,
  ];
}

/** Machines that come back at once when their replica is lost, which is the worst case. */
class Machines {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  private readonly other: Server;
  private lost = 0;

  constructor(other: Server) {
    this.other = other;
  }

  /** Waits for a key at one replica, and at the other one after that is lost. Settles with the answer's status. */
  wait(at: Server, pin: string): Promise<number> {
    return new Promise((resolve) => {
      const headers = { accept: 'text/plain', prefer: 'wait=120' };
      const request = send(`${at.url}${keyPath(pin, 'master_ready')}`, {
        agent: this.agent,
        headers,
      });
      request.once('response', (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      request.once('error', () => {
        this.lost ||= performance.now();
        resolve(this.wait(this.other, pin));
      });
      request.end();
    });
  }

  /** When the first connection was lost, by `performance.now()`. */
  get lostAt(): number {
    return this.lost;
  }

  close(): void {
    this.agent.destroy();
  }
}

async function heldBy({ metricsUrl }: { metricsUrl: string }): Promise<number> {
  const metrics = await (await fetch(metricsUrl)).text();
  return Number(/^pairing_held_requests (\d+)/m.exec(metrics)?.[1]);
}

/** The loss of a replica that holds so many requests, whose machines come back at once. */
async function loss(stage: Stage, redis: RedisShards): Promise<string[]> {
  const metricsPort = PORT + 90;
  const env = { REDIS_URL: redis.url, LOG_LEVEL: 'error', MAX_HELD_REQUESTS: '40000' };
  const first = await stage.service({ ...env });
  const second = await stage.replica({ ...env, METRICS_PORT: String(metricsPort) });
  const metrics = { metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` };
  const machines = new Machines(second);
  const pins = await Promise.all(
    Array.from({ length: (LOST + KEPT) / WORKERS }, () => retried(() => first.issuePin())),
  );
  const answers: Promise<number>[] = [];
  for (let n = 0; n < LOST + KEPT; n++) {
    answers.push(machines.wait(n < LOST ? first : second, pins[n % pins.length]!));
    if (n % 250 === 0) await delay(20);
  }
  const untilHeld = async (count: number) => {
    while ((await heldBy(metrics)) < count) await delay(50);
  };
  await untilHeld(KEPT);
  await delay(2 * SETTLE_MS);
  const memory = await memoryOf(second.pid);
  const before = await cpuOf(second.pid);
  process.kill(first.pid, 'SIGKILL');
  await untilHeld(KEPT + LOST);
  const seconds = (performance.now() - machines.lostAt) / 1_000;
  const cpu = (await cpuOf(second.pid)) - before;
  const grown = (await memoryOf(second.pid)) - memory;
  const start = performance.now();
  for (const pin of pins) await retried(() => addKey(second.url, pin, 'master_ready', 'yes'));
  const statuses = await Promise.all(answers);
  const released = (performance.now() - start) / 1_000;
  machines.close();
  const served = statuses.filter((status) => status === 200).length;
  return [
    `${LOST} machines of a lost replica came back at once and were held by the other after ${seconds.toFixed(1)} s,`,
    `for ${cpu.toFixed(1)} s of its CPU (${((cpu * 1e6) / LOST).toFixed(0)} µs each) and ${grown.toFixed(0)} MiB.`,
    `All ${statuses.length} were released in ${released.toFixed(1)} s; ${served} got the key.`,
  ];
}

async function run(stage: Stage, redis: RedisShards): Promise<void> {
  const env = { REDIS_URL: redis.url, LOG_LEVEL: 'error', MAX_HELD_REQUESTS: '40000' };
  const setup = { redis, first: await stage.service(env), second: await stage.replica(env) };
  console.log(`| | of what | ${SIZES.map((size) => `${size}×`).join(' | ')} |`);
  console.log('|---|---|---|---|---|');
  for (const measure of [clusters, holds, members]) {
    for (const [what, unit, ...costs] of await measure(setup)) {
      const figures = costs.map((cost) => cost.toPrecision(3));
      console.log(`| ${what} | ${unit} | ${figures.join(' | ')} |`);
    }
  }
  console.log(['', ...(await signals(setup))].join('\n'));
  await setup.second.stop();
  await setup.first.stop();
  console.log((await loss(stage, redis)).join('\n'));
  console.log(`${refused} requests were refused.`);
}

const redis = await RedisShards.start(PORT + 50, 3);
const stage = await Stage.open(PORT);
try {
  await run(stage, redis);
} finally {
  await stage.close();
  await redis.stop();
}
