import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { SystemClock } from '../../src/clock/clock.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { PrometheusMetrics } from '../../src/metrics/prometheus-metrics.js';
import type { Answer, Request } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';

import { InProcessService } from '../support/in-process.js';
import { Scrape } from '../support/metrics.js';
import { freePort } from '../support/ports.js';
import { RedisServer } from '../support/redis.js';
import type * as WithProvider from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

const MASTER = '192.0.2.10';
/** What it posts: behind NAT, a client's address is another. */
const VALUE = '10.20.30.40';
const ATTACKER = '198.51.100.66';
const EVIL = '203.0.113.66';

type Send = (path: string, request: Request) => Promise<Answer>;

/** What a client with the PIN does to the registered master, and the audit lines that tell of it. */
const changes: [how: string, change: (send: Send) => Promise<Answer>, audit: object[]][] = [
  [
    'PUT of another address',
    (send) => send('/master_ip', { method: 'PUT', json: { key: 'master_ip', value: EVIL } }),
    [{ audit: 'master_changed' }],
  ],
  [
    'PATCH of another address',
    (send) => send('/master_ip', { method: 'PATCH', json: { value: EVIL } }),
    [{ audit: 'master_changed' }],
  ],
  [
    'rename of the address',
    (send) => send('/master_ip', { method: 'PATCH', json: { key: 'hidden' } }),
    [{ audit: 'master_removed', key: 'master_ip' }],
  ],
  [
    'DELETE of the address',
    (send) => send('/master_ip', { method: 'DELETE' }),
    [{ audit: 'master_removed', key: 'master_ip' }],
  ],
  [
    'DELETE and POST of another address',
    async (send) => {
      const removed = await send('/master_ip', { method: 'DELETE' });
      if (removed.status !== 204) return removed;
      return send('', { method: 'POST', json: { key: 'master_ip', value: EVIL } });
    },
    [{ audit: 'master_removed', key: 'master_ip' }, { audit: 'master_changed' }],
  ],
  [
    'rename of the address, and of another key to its name',
    async (send) => {
      await send('', { method: 'POST', json: { key: 'mine', value: EVIL } });
      const renamed = await send('/master_ip', { method: 'PATCH', json: { key: 'hidden' } });
      if (renamed.status !== 200) return renamed;
      return send('/mine', { method: 'PATCH', json: { key: 'master_ip' } });
    },
    [{ audit: 'master_removed', key: 'master_ip' }, { audit: 'master_changed' }],
  ],
  [
    'DELETE of the word that it is ready',
    (send) => send('/master_ready', { method: 'DELETE' }),
    [{ audit: 'master_removed', key: 'master_ready' }],
  ],
  [
    'rename of the word that it is ready',
    (send) => send('/master_ready', { method: 'PATCH', json: { key: 'not_ready' } }),
    [{ audit: 'master_removed', key: 'master_ready' }],
  ],
];

describe.each([
  ['the embedded database', false],
  ['Redis', true],
])('A change of a registered master, on %s', (_, onRedis) => {
  const clock = new SystemClock();
  const cleanUp = new CleanUp();
  let withProvider: typeof WithProvider;
  let provider: IdentityProvider;
  let open: InProcessService;
  let locked: InProcessService;

  beforeAll(async () => {
    const ports = [await freePort(), await freePort()];
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const redirectUris = urls.map((url) => `${url}/sign-in/callback`);
    // After the service: Jest cannot load the library for keys with both at the same time.
    withProvider = await import('../support/service.js');
    provider = await withProvider.startProvider({ redirectUris });
    const start = async (n: number, env: NodeJS.ProcessEnv) =>
      cleanUp.add(
        await InProcessService.start(clock, {
          ...withProvider.settingsFor(provider),
          ...(onRedis && { REDIS_URL: cleanUp.add(await RedisServer.start()).url }),
          SESSION_SECRET: 'a secret of this test, long enough',
          PUBLIC_URL: urls[n],
          PORT: String(ports[n]),
          TRUSTED_PROXIES: '1',
          MAX_PINS_PER_HOUR: '1000',
          ...env,
        }),
      );
    open = await start(0, {});
    locked = await start(1, { LOCK_MASTER: 'true' });
  });
  afterAll(async () => {
    await cleanUp.run();
    await provider.close();
  });

  /** The requests of one client for the keys of one PIN. */
  const from =
    (service: InProcessService, pin: string, address: string, headers = {}): Send =>
    (path, request) =>
      service.api(`/clusters/${pin}/keys${path}`, {
        ...request,
        headers: { 'x-forwarded-for': address, ...headers },
      });

  /** A cluster with a registered master that is ready. */
  async function cluster(service: InProcessService) {
    const { pin, id } = await service.issue();
    const send = from(service, pin, MASTER);
    await send('', { method: 'POST', json: { key: 'master_ip', value: VALUE } });
    await send('', { method: 'POST', json: { key: 'master_ready', value: 'yes' } });
    return { pin, id };
  }

  const linesOf = (service: InProcessService, id: string) =>
    service.log
      .map((line) => JSON.parse(line) as { audit?: string; id?: string })
      .filter((line) => line.id === id && line.audit !== 'issue');

  const metricOf = async (service: InProcessService) =>
    Scrape.parse(await service.get(PrometheusMetrics).text()).value('pairing_master_changes_total');

  async function marksOf(service: InProcessService, pin: string, id: string) {
    const records = await service
      .get(IssuancesService)
      .list(service.user, { owner: 'mcurie' }, 200);
    const { json } = await service.api(`/clusters/${pin}`);
    const { master_changes } = json as { master_changes: number };
    const stream = await fetch(`${service.url}/api/v1/clusters/${pin}/events`);
    const state = await stream.body!.getReader().read();
    return [
      records.find((record) => record.id === id)?.masterChanges,
      master_changes,
      Number(/"master_changes":(\d+)/.exec(Buffer.from(state.value!).toString())?.[1]),
    ];
  }

  it.each(changes)('is seen everywhere: %s', async (_how, change, audit) => {
    const { pin, id } = await cluster(open);
    const before = await metricOf(open);
    expect((await change(from(open, pin, ATTACKER))).status).toBeLessThan(300);
    const times = audit.length;
    expect(await marksOf(open, pin, id)).toEqual([times, times, times]);
    expect(await metricOf(open)).toBe(before! + times);
    expect(linesOf(open, id)).toEqual(
      audit.map((line) => expect.objectContaining({ ...line, writer: MASTER, address: ATTACKER })),
    );
  });

  it.each(changes)(
    'is refused to everyone but its writer and the owner of the PIN: %s',
    async (_how, change) => {
      const { pin, id } = await cluster(locked);
      const keys = async () => (await locked.api(`/clusters/${pin}/keys/master_ip`)).text;
      const before = await keys();
      const as = async (user: string) => ({
        authorization: `Bearer ${await withProvider.tokenOf(provider, user)}`,
      });
      for (const headers of [{}, await as('somebody')]) {
        const refused = await change(from(locked, pin, ATTACKER, headers));
        // As text an error is empty, as everywhere.
        expect([
          refused.status,
          refused.text === '' || refused.text.includes('master-locked'),
        ]).toEqual([403, true]);
      }
      expect(await keys()).toBe(before);
      expect((await marksOf(locked, pin, id))[1]).toBe(0);
      expect(linesOf(locked, id).map(({ audit }) => audit)).toEqual([
        'master_change_refused',
        'master_change_refused',
      ]);

      const headers = await as('mcurie');
      expect((await change(from(locked, pin, ATTACKER, headers))).status).toBeLessThan(300);
      const other = await cluster(locked);
      expect((await change(from(locked, other.pin, MASTER))).status).toBeLessThan(300);
    },
  );

  it('is not a failure, which is audited, and which only its writer and the owner may take back', async () => {
    const { pin, id } = await locked.issue();
    const send = from(locked, pin, MASTER);
    await send('', { method: 'POST', json: { key: 'master_failed', value: 'no disk' } });
    for (const request of [{ method: 'DELETE' }, { method: 'PATCH', json: { key: 'hidden' } }]) {
      expect((await from(locked, pin, ATTACKER)('/master_failed', request)).status).toBe(403);
    }
    expect((await send('/master_failed', { method: 'DELETE' })).status).toBe(204);
    expect(linesOf(locked, id)).toEqual([
      expect.objectContaining({ audit: 'master_failed', address: MASTER }),
      ...[1, 2].map(() =>
        expect.objectContaining({
          audit: 'master_change_refused',
          key: 'master_failed',
          writer: MASTER,
          address: ATTACKER,
        }),
      ),
    ]);
    expect((await marksOf(locked, pin, id))[1]).toBe(0);
  });

  it('is allowed to the owner by the session of a browser, from an own page only', async () => {
    const { pin } = await cluster(locked);
    const browser = new CookieClient();
    await browser.signIn(locked.url);
    const url = `${locked.url}/api/v1/clusters/${pin}/keys/master_ip`;
    const remove = (site: string) =>
      browser.fetch(url, { method: 'DELETE', headers: { 'sec-fetch-site': site } });
    expect((await remove('cross-site')).status).toBe(403);
    expect(await locked.keyText(pin, 'master_ip')).not.toBe('');
    expect((await remove('same-origin')).status).toBe(204);
  });

  it('needs a good token, if there is one, and is not decided without the provider', async () => {
    const { pin } = await cluster(locked);
    const headers = { authorization: 'Bearer nonsense' };
    const send = from(locked, pin, ATTACKER, headers);
    expect((await send('/master_ip', { method: 'DELETE' })).status).toBe(401);
    await send('', { method: 'POST', json: { key: 'other', value: 'x' } });
    expect((await send('/other', { method: 'DELETE' })).status).toBe(204);
  });

  it('does not make an intruder of the true master', async () => {
    const { pin, id } = await cluster(open);
    const attacker = from(open, pin, ATTACKER);
    for (const value of [EVIL, '203.0.113.67']) {
      await attacker('/master_ip', { method: 'PUT', json: { key: 'master_ip', value } });
    }
    const again = { method: 'POST', json: { key: 'master_ip', value: VALUE } };
    expect((await from(open, pin, MASTER)('', again)).status).toBe(409);
    const audits = linesOf(open, id).map(({ audit }) => audit);
    expect(audits).toEqual(['master_changed', 'master_changed', 'master_displaced']);
    expect((await open.api(`/clusters/${pin}`)).json).toMatchObject({
      second_masters: 0,
      master_changes: 2,
    });
  });

  it('is none when all stays as it is, and the address that wrote it stays the same', async () => {
    const { pin, id } = await cluster(open);
    const same = { method: 'PUT', json: { key: 'master_ip', value: VALUE } };
    expect((await from(open, pin, ATTACKER)('/master_ip', same)).status).toBe(200);
    const again = { method: 'POST', json: { key: 'master_ip', value: VALUE } };
    expect((await from(open, pin, MASTER)('', again)).headers.get('idempotent-replayed')).toBe(
      'true',
    );
    expect(await marksOf(open, pin, id)).toEqual([0, 0, 0]);
  });
});
