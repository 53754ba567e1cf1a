import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { IssuanceFeeds } from '../../src/events/issuance-feeds.js';
import { IssuanceStream } from '../../src/events/issuance-stream.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import type { InProcessService } from '../support/in-process.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { settingsFor, startProvider, tokenOf } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';
import { UnreadResponse } from '../support/unread-response.js';
import { Watch } from '../support/watch.js';

const MINUTE = HOUR / 60;
const ADMIN = 'pairing-admin';
const LIVE = 1_005;

describe('A user who watches issuances', () => {
  const clock = new MovableClock(Date.now());
  const cleanUp = new CleanUp();
  const watches = new CleanUp();
  let provider: IdentityProvider;
  let service: InProcessService;

  beforeAll(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    provider = cleanUp.add(await startProvider({ redirectUris: [`${url}/sign-in/callback`] }));
    const { InProcessService: InProcess } = await import('../support/in-process.js');
    service = cleanUp.add(
      await InProcess.start(clock, {
        ...settingsFor(provider),
        PORT: String(port),
        PUBLIC_URL: url,
        ADMIN_ROLE: ADMIN,
        MAX_LIVE_PINS_PER_USER: '2000',
      }),
    );
  });
  afterEach(() => watches.run());
  afterAll(() => cleanUp.run());

  /** Signs a browser in, and opens its stream. */
  async function watchWithSession(user: string, query = '', ...roles: string[]) {
    const browser = new CookieClient();
    await browser.signIn(service.url, user, ...roles);
    const cookie = [...browser.cookies(service.url)].map((pair) => pair.join('=')).join('; ');
    const path = `/issuances/events${query}`;
    const seen = watches.add(await Watch.open(service.url, path, { cookie }));
    await seen.sees('synced');
    return { browser, seen };
  }
  const heartbeat = () => service.get(IssuanceFeeds).sendHeartbeats();

  it('with a session sees nothing more after signing out', async () => {
    const { browser, seen } = await watchWithSession('lmeitner');
    const { seen: another } = await watchWithSession('mcurie');
    heartbeat();
    await until('a heartbeat', () => seen.text.endsWith(':\n\n'));
    await browser.fetch(`${service.url}/sign-out`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    heartbeat();
    await until('the end of the stream', () => seen.ended);
    expect(another.ended).toBe(false);
  });

  it('with a session sees nothing more after the provider has signed the user out everywhere', async () => {
    const { seen } = await watchWithSession('rfranklin');
    await provider.logOutEverywhere('rfranklin');
    heartbeat();
    await until('the end of the stream', () => seen.ended);
    expect(seen.names).toEqual(['synced']);
  });

  it('does not see others any more without the admin role, and goes on seeing its own', async () => {
    const { seen } = await watchWithSession('ada', '?owner=*', ADMIN);
    const { seen: own } = await watchWithSession('ada', '', ADMIN);
    provider.setRoles('ada', []);
    clock.advance(5 * MINUTE);
    heartbeat();
    await until('the end of the stream', () => seen.ended);
    expect(own.ended).toBe(false);
  });

  it('goes on while the identity provider does not answer', async () => {
    const { seen } = await watchWithSession('mcurie');
    provider.fail('refuse');
    clock.advance(6 * MINUTE);
    heartbeat();
    await until('a heartbeat', () => seen.text.endsWith(':\n\n'));
    provider.fail(undefined);
    await service.issue('still seen');
    await until('the new issuance', () => seen.names.includes('issuance'));
    expect(seen.ended).toBe(false);
  });

  it('gets the newest 1 000 of many live issuances, and those that are issued later', async () => {
    const authorization = `Bearer ${await tokenOf(provider, 'ada', ADMIN)}`;
    for (let n = 0; n < LIVE; n++) {
      clock.advance(1);
      await service.issue(`number ${n}`);
    }
    const open = (query: string) =>
      Watch.open(service.url, `/issuances/events${query}`, { authorization });
    const seen = watches.add(await open('?owner=*'));
    expect((await seen.sees('synced')).data).toEqual({ more: true });
    const descriptions = () => seen.events.map(({ data }) => data['description']);
    expect(descriptions()).toHaveLength(1_001);
    expect(descriptions()[0]).toBe(`number ${LIVE - 1_000}`);

    const newest = await service.issue('one more');
    await until('the new issuance', () => descriptions().at(-1) === 'one more');
    await service.get(ClusterStore).countSecondMaster(newest.id);
    await until('its change', () => seen.events.at(-1)!.data['second_masters'] === 1);
  }, 60_000);
});

describe('A client that watches many issuances', () => {
  let unread: UnreadResponse;
  let client: Socket;
  let response: ServerResponse;
  let stream: IssuanceStream;

  beforeEach(async () => {
    unread = await UnreadResponse.open();
    ({ client, response } = unread);
    stream = new IssuanceStream({ address: '127.0.0.1', response }, 'mcurie');
  });
  afterEach(() => unread.close());

  const IDS = 100;
  const CHANGES = 100_000;
  const json = (n: number) => JSON.stringify({ n, filler: 'x'.repeat(600) });
  const sendAll = () => {
    for (let n = 0; n < CHANGES; n++) stream.send(`id${n % IDS}`, json(n));
  };

  it('and does not read keeps little in memory, and gets the last state of each later', async () => {
    client.pause();
    stream.begin([], { more: false });
    sendAll();
    expect(response.writableLength).toBeLessThan(1024 * 1024);
    let text = '';
    client.on('data', (chunk) => (text += chunk.toString()));
    client.resume();
    await until('the last changes', () => text.includes(`{"n":${CHANGES - 1},`));
    for (let n = CHANGES - IDS; n < CHANGES; n++) expect(text).toContain(`{"n":${n},`);
    expect(text.match(/event: issuance/g)!.length).toBeLessThan(CHANGES / 2);
  });

  it('and does not read is cut off at the second heartbeat, also after the end', async () => {
    client.pause();
    sendAll();
    stream.end();
    stream.sendHeartbeat();
    expect(response.destroyed).toBe(false);
    stream.sendHeartbeat();
    expect(response.destroyed).toBe(true);
    sendAll(); // does no harm
  });

  it('and has ended gets nothing more', async () => {
    client.resume();
    stream.begin([['a', json(1)]], { more: false });
    stream.end();
    stream.send('a', json(2));
    stream.sendHeartbeat();
    await once(response, 'close');
    stream.send('a', json(3));
    stream.sendHeartbeat();
    expect(response.writableFinished).toBe(true);
  });
});
