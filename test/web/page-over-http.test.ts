import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import type { InProcessService } from '../support/in-process.js';
import { freePort } from '../support/ports.js';
import { settingsFor, startProvider } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };
const MINUTE = HOUR / 60;

describe('The page in a browser without scripts', () => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock();
  let service: InProcessService;
  let client: CookieClient;

  beforeAll(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const provider = cleanUp.add(
      await startProvider({ redirectUris: [`${url}/sign-in/callback`] }),
    );
    // Not before the provider's libraries are there, one of which Jest cannot load both ways at once.
    const { InProcessService: InProcess } = await import('../support/in-process.js');
    service = cleanUp.add(
      await InProcess.start(clock, {
        PORT: String(port),
        PUBLIC_URL: url,
        ...settingsFor(provider),
        REQUIRED_ROLE: 'pin-issuer',
        MAX_PINS_PER_HOUR: '3',
        MAX_LIVE_PINS_PER_USER: '2',
      }),
    );
  });
  afterAll(() => cleanUp.run());
  beforeEach(() => {
    client = new CookieClient();
  });

  const signIn = (user: string, role = 'pin-issuer') => client.signIn(service.url, user, role);
  const show = async () => (await client.fetch(service.url)).text();
  /** Presses "Get a PIN"; gives the page that this leads to. */
  const getPin = async (headers: Record<string, string> = SAME_ORIGIN) => {
    const answer = await client.fetch(service.url, { method: 'POST', headers });
    const location = answer.headers.get('location');
    if (!location) return answer.text();
    expect(answer.status).toBe(303);
    return (await client.fetch(new URL(location, service.url))).text();
  };
  const problemOn = (page: string) => /role="alert">(.*?)<\/p>/.exec(page)?.[1];

  it('shows the PIN, and until when it is good', async () => {
    await signIn('mcurie');
    const page = await getPin();
    expect(page).toMatch(/<output id="pin">[a-z0-9]{12}<\/output>/);
    expect(page).toContain(`until ${new Date(clock.now() + 24 * HOUR).toUTCString()}`);
  });

  it('says that the session has ended, and where to sign in again', async () => {
    await signIn('lmeitner');
    clock.advance(12 * HOUR);
    const page = await getPin();
    expect(problemOn(page)).toBe('Your session has ended. Sign in again.');
    expect(page).toContain('href="/sign-in"');
  });

  it.each<[string, string, Record<string, string>, string]>([
    ['another site asked', 'pin-issuer', { 'sec-fetch-site': 'same-site' }, 'Ask for it here.'],
    ['a role is missing', 'other', SAME_ORIGIN, 'Ask the operator of this service for it.'],
  ])('says what to do when %s', async (_, role, headers, words) => {
    await signIn('lmeitner', role);
    const page = await getPin(headers);
    expect(problemOn(page)).toContain(words);
    expect(page).not.toMatch(/data-pin/);
  });

  it('says what to do when too many PINs live, or were issued in an hour', async () => {
    await signIn('eschroedinger');
    await getPin();
    await getPin();
    expect(problemOn(await getPin())).toContain('Revoke one, or wait until one expires.');
    expect(problemOn(await getPin())).toBe(
      'You have reached the limit of PINs an hour. Try again later.',
    );
  });

  it('counts its PINs of an hour together with those of the API', async () => {
    await signIn('mborn');
    await getPin();
    await getPin();
    const issue = async () => {
      const request = { method: 'POST', headers: SAME_ORIGIN };
      const response = await client.fetch(`${service.url}/api/v1/clusters`, request);
      return ((await response.json()) as { code: string }).code;
    };
    expect(await issue()).toBe('too-many-pins'); // the third of the hour, but two are alive
    expect(await issue()).toBe('too-many-requests');
  });

  it('has a page for each of the user’s clusters, and answers 404 for others', async () => {
    const { id } = await service.issue('Of mcurie');
    const pageOf = (name: string) => client.fetch(`${service.url}/clusters/${name}`);
    await signIn('mcurie');
    expect((await pageOf(id)).status).toBe(200);
    client = new CookieClient(); // the provider knows the other's session
    await signIn('ifrank');
    for (const unknown of [id, 'some']) {
      const answer = await pageOf(unknown);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain('There is no such cluster');
    }
    const stranger = await fetch(`${service.url}/clusters/${id}`);
    expect(stranger.status).toBe(200); // a sign-in may show it
  });

  it('says nothing of codes that are not in the catalogue', async () => {
    const page = await (await client.fetch(`${service.url}/?problem=toString`)).text();
    expect(problemOn(page)).toBeUndefined();
  });

  describe('keeps a session', () => {
    const isSignedIn = async () => (await show()).includes('Sign out');

    it('for 10 hours without use', async () => {
      await signIn('lmeitner');
      clock.advance(10 * HOUR - MINUTE);
      expect(await isSignedIn()).toBe(true);
      clock.advance(10 * HOUR);
      expect(await isSignedIn()).toBe(false);
    });

    it('for at most 12 hours', async () => {
      await signIn('lmeitner');
      clock.advance(6 * HOUR);
      expect(await isSignedIn()).toBe(true);
      clock.advance(6 * HOUR - MINUTE);
      expect(await isSignedIn()).toBe(true);
      clock.advance(MINUTE);
      expect(await isSignedIn()).toBe(false);
    });
  });
});
