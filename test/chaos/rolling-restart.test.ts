import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Client, type Outcome } from '../support/client.js';
import { CleanUp } from '../support/clean-up.js';
import { formClusters, Machine } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { freePort } from '../support/ports.js';
import { RedisServer } from '../support/redis.js';
import { Router } from '../support/router.js';
import { type Service, startProvider, startService } from '../support/service.js';

const CLUSTERS = 30;
const WORKERS = 9;
/** Between the end of a pod's place in the router and its SIGTERM; the chart leaves 10 s. */
const PRE_STOP_MS = 1_000;

describe('While both of two replicas are replaced behind a router', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it(`${CLUSTERS} clusters form, and no request fails`, async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const provider = cleanUp.add(await startProvider());
    const ports = [await freePort(), await freePort(), await freePort()];
    const router = cleanUp.add(await Router.to(ports));

    const startPod = async (port: number): Promise<Service> => {
      const env = { REDIS_URL: redis.url, PIN_SECRET: 'x'.repeat(32), LOG_LEVEL: 'warn' };
      const pod = cleanUp.add(await startService({ ...env, PORT: String(port) }, provider));
      await router.add(port);
      return pod;
    };
    const [first, second] = [await startPod(ports[0]!), await startPod(ports[1]!)];
    /** As the chart has it: a new pod serves before an old one hears that it must go. */
    const replace = async (old: Service, from: number, to: number): Promise<void> => {
      await startPod(to);
      await router.remove(from);
      await delay(PRE_STOP_MS);
      expect(await old.program.stop('SIGTERM')).toBe(0);
    };

    const curl = cleanUp.add(new Client(router.url, { keepAlive: false }));
    const browser = cleanUp.add(new Client(router.url, { keepAlive: true }));
    const pins: string[] = [];
    for (let count = 0; count < CLUSTERS; count++) pins.push(await first.issuePin());
    const waited = await first.issuePin();
    const loads = [curl, browser].map((client) => {
      const path = `/api/v1/clusters/${waited}/keys/master_ready`;
      const wait = () => client.request('GET', path, undefined, { prefer: 'wait=2' });
      return cleanUp.add(new Load(8, wait));
    });

    const outcomes: Outcome[] = [];
    const newMachine = () => new Machine([curl], outcomes);
    const [half, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const due = [Promise.resolve(), half.promise, done.promise];
    const forming = formClusters(newMachine, pins, WORKERS, (number) => due[number % 3]!);
    await replace(first, ports[0]!, ports[2]!);
    half.resolve();
    await replace(second, ports[1]!, ports[0]!);
    done.resolve();
    await Promise.all(forming);

    const held = await Promise.all(loads.map((load) => load.stop()));
    for (const each of [outcomes, ...held]) {
      expect(each.length).toBeGreaterThan(10);
      const failed = each.filter(({ status = 0 }) => ![200, 201, 404].includes(status));
      expect(failed).toEqual([]);
    }
  }, 120_000);
});
