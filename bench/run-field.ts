// Measures how long unmodified images of the field wait for a master that is ready: node bench/run-field.ts
// They sleep as in the field, so that it takes four minutes.
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bootFieldVm } from '../dev/field-vm.ts';
import { addKey } from '../dev/pairing-api.ts';
import { contextOf } from '../dev/vm.ts';
import { type PairingService, Stage } from './stage.ts';

const CLUSTERS = 5;
const WORKERS = 20;
/** The longest pause of a field image between two tries. */
const CYCLE_S = 34;
/** When the masters are ready, after their registration: each at its own moment of this time. */
const READY_S = { least: 60, most: 120 };

const HELD = { MAX_WAIT_SECONDS: '290', HOLD_SECONDS: '290' };
const ways = [
  { name: 'held for 290 s, as the chart has it', env: HELD, maxMeanS: 1 },
  { name: 'the same, behind a proxy that cuts at 30 s', env: HELD, cutMs: 30_000, maxMeanS: 9 },
  { name: 'not held', env: { HOLD_SECONDS: '0' } },
];

/** A proxy that counts the requests for `master_ip` by their PIN: the next step of a worker that knows its master. */
class Proxy {
  /** The times of these requests, in milliseconds. */
  readonly fetches = new Map<string, number[]>();
  private readonly server;

  /** Cuts a connection after this time, if given. */
  constructor(target: string, cutMs?: number) {
    const { hostname, port } = new URL(target);
    this.server = createServer((client) => {
      const upstream = connect(Number(port), hostname);
      client.once('data', (head: Buffer) => this.count(head.toString('latin1')));
      client.pipe(upstream).pipe(client);
      const close = () => [client, upstream].forEach((socket) => socket.destroy());
      for (const socket of [client, upstream]) socket.on('error', close).on('close', close);
      if (cutMs !== undefined) setTimeout(close, cutMs).unref();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
  }

  private count(head: string): void {
    const [, pin] = /^GET \S*\/clusters\/(\w+)\/keys\/master_ip /.exec(head) ?? [];
    if (pin === undefined) return;
    this.fetches.set(pin, [...(this.fetches.get(pin) ?? []), performance.now()]);
  }
}

/** The seconds from the post of `master_ready` until each worker of one cluster makes its next step. */
async function formCluster(
  service: PairingService,
  proxy: Proxy,
  url: string,
  folder: string,
): Promise<number[]> {
  const pin = await service.issuePin();
  const workers = Array.from({ length: WORKERS }, async (_, n) => {
    await delay(Math.random() * CYCLE_S * 1_000);
    return bootFieldVm(join(folder, `${pin}-${n}`), contextOf({ pin, url }), { second: 1 });
  });
  const machines = await Promise.all(workers);
  await addKey(service.url, pin, 'master_ip', '10.0.0.1');
  await delay((READY_S.least + Math.random() * (READY_S.most - READY_S.least)) * 1_000);
  await addKey(service.url, pin, 'master_ready', 'yes');
  const ready = performance.now();
  await Promise.all(machines.map(({ console }) => console));
  return proxy.fetches.get(pin)!.map((time) => (time - ready) / 1_000);
}

async function measure(stage: Stage, folder: string, way: (typeof ways)[number]): Promise<void> {
  const service = await stage.service(way.env);
  const proxy = new Proxy(service.url, way.cutMs);
  const url = await proxy.listen();
  const clusters = await Promise.all(
    Array.from({ length: CLUSTERS }, () => formCluster(service, proxy, url, folder)),
  );
  proxy.close();
  const delays = clusters.flat();
  const mean = (numbers: number[]) => numbers.reduce((sum, each) => sum + each) / numbers.length;
  const means = clusters.map(mean);
  const missed = way.maxMeanS !== undefined && mean(delays) > way.maxMeanS;
  if (missed) process.exitCode = 1;
  console.log(
    [
      `${way.name}: mean ${mean(delays).toFixed(2)} s`,
      `(of a cluster ${Math.min(...means).toFixed(2)}–${Math.max(...means).toFixed(2)})`,
      `maximum ${Math.max(...delays).toFixed(1)} s, ${delays.length} machines`,
      ...(way.maxMeanS === undefined ? [] : [`target ≤ ${way.maxMeanS} s${missed ? ' ✗' : ''}`]),
    ].join(', '),
  );
}

const stage = await Stage.open(Number(process.env['PORT'] ?? 3950));
const folder = await mkdtemp(join(tmpdir(), 'pairing-field-'));
try {
  await Promise.all(ways.map((way) => measure(stage, folder, way)));
} finally {
  await stage.close();
  await rm(folder, { recursive: true });
}
