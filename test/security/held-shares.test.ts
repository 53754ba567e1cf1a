import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HeldRequests } from '../../src/waiting/held-requests.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { until } from '../support/process.js';

const PLACES = 50;
const WORKERS = 1_000;
const NEIGHBOUR = '198.51.100.7';

describe('The places for held requests', () => {
  const clock = new MovableClock(Date.now());
  const cleanUp = new CleanUp();
  let clients = new AbortController();
  let service: InProcessService;

  beforeAll(async () => {
    service = await start({ MAX_HELD_REQUESTS: String(PLACES) });
  });
  afterAll(() => cleanUp.run());
  afterEach(async () => {
    clients.abort();
    clients = new AbortController();
    await until('all places to be free', () => held() === 0);
  });

  async function start(env: NodeJS.ProcessEnv = {}): Promise<InProcessService> {
    return cleanUp.add(await InProcessService.start(clock, { TRUSTED_PROXIES: '1', ...env }));
  }

  const held = (of = service) => of.app.get(HeldRequests, { strict: false }).count;

  /** Requests that last until the test ends, each with whether it was held. */
  async function ask(
    count: number,
    of: { pin: string; path: string; address?: string; at?: InProcessService },
  ) {
    const { pin, path, address = '192.0.2.1', at = service } = of;
    const { signal } = clients;
    const headers = { prefer: 'wait=25', 'x-forwarded-for': address };
    let answered = 0;
    const before = held(at);
    for (let n = 0; n < count; n++) {
      void fetch(`${at.url}/api/v1/clusters/${pin}${path}`, { headers, signal })
        .then((response) => response.text())
        .then(
          () => answered++,
          () => undefined,
        );
    }
    await until(
      'each to be held or answered',
      () => held(at) - before + answered === count,
      30_000,
    );
    return held(at) - before;
  }
  const wait = (pin: string, count = 1, address?: string) =>
    ask(count, { pin, path: '/keys/master_ready', ...(address && { address }) });
  const watch = (pin: string, count = 1, address?: string) =>
    ask(count, { pin, path: '/events', ...(address && { address }) });

  it.each([
    ['waits', wait, watch],
    ['streams of events', watch, wait],
  ])(
    'are left for another cluster by %s of one, also at the same address',
    async (_, first, then) => {
      const [greedy, other] = [await service.issuePin(), await service.issuePin()];
      const taken = (await first(greedy, PLACES)) + (await then(greedy, PLACES));
      expect(taken).toBeGreaterThan(PLACES / 2);
      expect(taken).toBeLessThan(PLACES);
      expect(await wait(other)).toBe(1);
      expect(await watch(other)).toBe(1);
    },
  );

  it('are left for another address by one that has the PINs of many clusters', async () => {
    for (let n = 0; n < 8; n++) await wait(await service.issuePin(), PLACES);
    const newcomer = await service.issuePin();
    expect(await wait(newcomer)).toBe(0);
    expect(await wait(newcomer, 1, NEIGHBOUR)).toBe(1);
  });

  it('are shared by an IPv6 /64 as by one address', async () => {
    for (let n = 0; n < 8; n++) {
      await wait(await service.issuePin(), PLACES, `2001:db8::${n + 1}`);
    }
    const newcomer = await service.issuePin();
    expect(await wait(newcomer, 1, '2001:db8::99')).toBe(0);
    expect(await wait(newcomer, 1, '2001:db8:0:1::1')).toBe(1);
  });

  it('cost who asks for more than its share only the waiting', async () => {
    const pin = await service.issuePin();
    await wait(pin, PLACES);
    const one = await service.api(`/clusters/${pin}/keys/k`, { headers: { prefer: 'wait=25' } });
    expect([one.status, one.headers.has('preference-applied')]).toEqual([404, false]);
    const stream = await service.api(`/clusters/${pin}/events`);
    expect([stream.status, stream.text.match(/^event: .*$/gm)]).toEqual([200, ['event: state']]);
  });

  it('are free for others again when their requests have gone', async () => {
    const pin = await service.issuePin();
    const before = await wait(pin, PLACES);
    clients.abort();
    clients = new AbortController();
    await until('them to be free', () => held() === 0);
    expect(await wait(pin, PLACES)).toBe(before);
  });

  it(`are enough, as it is shipped, for ${WORKERS} workers of one cluster at one address`, async () => {
    const shipped = await start();
    const pin = await shipped.issuePin();
    const of = { pin, path: '/keys/master_ready', at: shipped };
    expect(await ask(WORKERS, of)).toBe(WORKERS);
  }, 60_000);
});
