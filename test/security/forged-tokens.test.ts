import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { problem } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import type { InProcessService } from '../support/in-process.js';
import { settingsFor, startProvider, tokenOf } from '../support/service.js';
import { signingKey, signToken } from '../support/tokens.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const KEYS = '/protocol/openid-connect/certs';

describe('A flood of tokens with made-up key ids', () => {
  const cleanUp = new CleanUp();
  let clock: MovableClock;
  let key: JWK;
  let forgedKey: JWK;
  let provider: IdentityProvider;
  let service: InProcessService;

  beforeAll(async () => {
    clock = new MovableClock(Date.now());
    key = await signingKey();
    forgedKey = await signingKey();
    provider = cleanUp.add(await startProvider({ signingKey: key, accessTokenSeconds: 24 * 3600 }));
    const { InProcessService: InProcess } = await import('../support/in-process.js');
    service = cleanUp.add(await InProcess.start(clock, settingsFor(provider)));
  });
  afterAll(() => cleanUp.run());

  const now = () => Math.floor(clock.now() / SECOND);
  const ask = async (signedBy: JWK) => {
    const claims = { iat: now(), exp: now() + 60 };
    const token = await signToken(signedBy, provider.issuer, claims);
    return service.api('/issuances', { headers: { authorization: `Bearer ${token}` } });
  };
  const flood = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      const { status, json } = await ask({ ...forgedKey, kid: `made-up-${n}` });
      expect([status, json]).toEqual([401, problem(401, 'invalid-token')]);
    }
  };
  const fetches = () => provider.requestsFor(KEYS);

  it('causes one fetch of the keys in 30 seconds, and no valid token is refused', async () => {
    expect((await ask(key)).status).toBe(200);
    const before = fetches();
    await flood(100);
    expect(fetches()).toBe(before);
    expect((await ask(key)).status).toBe(200);
    clock.advance(30 * SECOND);
    await flood(100);
    expect(fetches()).toBe(before + 1);
    expect((await ask(key)).status).toBe(200);
  });

  it('causes no more fetches when the keys are old', async () => {
    const before = fetches();
    clock.advance(11 * MINUTE);
    await flood(100);
    expect(fetches()).toBe(before + 1);
    expect((await ask(key)).status).toBe(200);
  });

  it('affects nobody while the provider does not answer', async () => {
    for (const fault of ['refuse', 'hang'] as const) {
      provider.fail(fault);
      clock.advance(11 * MINUTE);
      const answers = await Promise.all([
        ...Array.from({ length: 50 }, (_, n) => ask({ ...forgedKey, kid: `made-up-${n}` })),
        ask(key),
      ]);
      expect(answers.at(-1)!.status).toBe(200);
      // They may be signed by a new key, which nobody can look up now.
      expect(new Set(answers.slice(0, -1).map(({ status }) => status))).toEqual(new Set([503]));
      provider.fail(undefined);
    }
    clock.advance(30 * SECOND);
    expect((await ask(key)).status).toBe(200);
  });

  it('delays a new key of the provider by 30 seconds at most', async () => {
    await provider.rotateKeys();
    await flood(1);
    const token = await tokenOf(provider, 'mcurie');
    const issued = () =>
      service.api('/issuances', { headers: { authorization: `Bearer ${token}` } });
    expect((await issued()).status).toBe(401);
    clock.advance(30 * SECOND);
    expect((await issued()).status).toBe(200);
  });

  it('writes 10 lines a minute to the audit log, which say how many were left out', async () => {
    clock.advance(MINUTE);
    const lines = () => service.log.filter((line) => line.includes('"audit":"sign_in_refused"'));
    const before = lines().length;
    await flood(100);
    expect(lines().length - before).toBe(10);
    clock.advance(MINUTE);
    await flood(1);
    expect(lines().at(-1)).toContain('"omitted":90');
  });
});
