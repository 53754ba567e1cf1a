import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import { KeyCache } from '../../src/keys/key-cache.js';
import { KeysService } from '../../src/keys/keys.service.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { RedisServer } from '../support/redis.js';

const EACH = 400;
/**
 * How often one of two kinds takes longer than the other: half of the time, if they are one. With so many of
 * each, chance alone strays from that by 0.02; five times as much is no chance (Mann and Whitney).
 */
const MAX_BIAS = 0.1;
const TIMEOUT_MS = 120_000;

const kinds = ['unknown', 'unknown as well', 'expired', 'revoked', 'deleted'] as const;
type Kind = (typeof kinds)[number];

describe.each(['SQLite', 'Redis'])('To an anonymous caller, on %s,', (storage) => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let redis: RedisServer | undefined;
  let service: InProcessService;
  let keys: KeysService;
  let cache: KeyCache;

  beforeAll(async () => {
    if (storage === 'Redis') redis = cleanUp.add(await RedisServer.start());
    service = cleanUp.add(
      await InProcessService.start(clock, {
        ...(redis && { REDIS_URL: redis.url }),
        TRUSTED_PROXIES: '1',
        MAX_LIVE_PINS_PER_USER: '100000',
      }),
    );
    keys = service.get(KeysService);
    cache = service.get(KeyCache);
  });
  afterAll(() => cleanUp.run());

  /** PINs of every kind; those that lived were used to the last, as they are in the field. */
  async function pinsOfEachKind(): Promise<Map<Kind, string[]>> {
    const live = async () => {
      const pin = await service.issuePin();
      await keys.add(pin, { name: 'master_ip', value: '10.0.0.1' }, '127.0.0.1');
      await cache.get(pin, 'master_ip');
      return pin;
    };
    const many = async (make: () => Promise<string> | string) => {
      const pins: string[] = [];
      for (let n = 0; n < EACH; n++) pins.push(await make());
      return pins;
    };
    const expired = await many(live);
    clock.advance(24 * HOUR);
    await redis?.command('FLUSHALL'); // as its own clock would have it, which cannot be moved
    const revoked = await many(live);
    const issuances = service.get(IssuancesService);
    const records = await issuances.list(service.user, { owner: service.user.name }, 10 * EACH);
    for (const { id, expiresAt } of records) {
      if (expiresAt > clock.now()) await issuances.revoke(service.user, id, '127.0.0.1');
    }
    const deleted = await many(live);
    for (const pin of deleted) await service.api(`/clusters/${pin}`, { method: 'DELETE' });
    return new Map<Kind, string[]>([
      ['unknown', await many(generatePin)],
      ['unknown as well', await many(generatePin)],
      ['expired', expired],
      ['revoked', revoked],
      ['deleted', deleted],
    ]);
  }

  /** Asks for all PINs in one random order, and gives how long each took, by kind. */
  async function times(pins: Map<Kind, string[]>, ask: (pin: string) => Promise<unknown>) {
    const all = [...pins].flatMap(([kind, some]) => some.map((pin) => ({ kind, pin })));
    const took = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
    for (const { kind, pin } of shuffled(all)) {
      const start = performance.now();
      await ask(pin);
      took.get(kind)!.push(performance.now() - start);
    }
    return took;
  }

  function expectAlike(took: Map<Kind, number[]>): void {
    const unknown = took.get('unknown')!;
    const biases = kinds.map((kind) => [kind, Math.abs(longer(took.get(kind)!, unknown) - 0.5)]);
    expect(biases.filter(([, bias]) => Number(bias) > MAX_BIAS)).toEqual([]);
  }

  it(
    'unknown, expired, revoked and deleted PINs take the same time',
    async () => {
      const pins = await pinsOfEachKind();
      const look = (pin: string) =>
        expect(cache.get(pin, 'master_ip')).rejects.toMatchObject({ code: 'not-found' });
      expectAlike(await times(pins, look));
      expectAlike(await times(pins, look)); // nor does the first asking tell by the second
    },
    TIMEOUT_MS,
  );

  it(
    'and get the same answers, in the same time',
    async () => {
      const pins = await pinsOfEachKind();
      const answers = new Set<string>();
      let host = 0;
      const ask = async (pin: string) => {
        host++; // nobody asks so often that it is throttled
        const { status, text, headers } = await service.api(`/clusters/${pin}/keys/master_ip`, {
          headers: { 'x-forwarded-for': `10.${host >> 8}.${host & 255}.1` },
        });
        const told = [...headers].filter(([name]) => name !== 'date');
        answers.add(JSON.stringify([status, text, told]));
      };
      expectAlike(await times(pins, ask));
      expect(answers.size).toBe(1);
      expect([...answers][0]).toMatch(/^\[404,"",/);
    },
    TIMEOUT_MS,
  );
});

/** How often, of all pairs, the one takes longer than the other. */
function longer(one: number[], other: number[]): number {
  const sorted = other.toSorted((a, b) => a - b);
  const below = one.map((ms) => {
    const first = sorted.findIndex((each) => each >= ms);
    return first < 0 ? sorted.length : first;
  });
  return below.reduce((sum, count) => sum + count, 0) / (one.length * other.length);
}

function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
