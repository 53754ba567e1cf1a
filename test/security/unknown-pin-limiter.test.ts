import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { UnknownPinLimiter } from '../../src/guess-protection/unknown-pin.limiter.js';
import { readSettings } from '../../src/config/read-settings.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GUESSER = '192.0.2.1';

describe('A client that asks for unknown PINs too often is throttled', () => {
  let limiter: UnknownPinLimiter;

  // Counts and punishments go by the clock of the process: it stands still, and what reads it comes after.
  beforeAll(() => {
    jest.useFakeTimers().advanceTimersByTime(1);
  });
  afterAll(() => {
    jest.useRealTimers();
  });
  beforeEach(async () => {
    const { UnknownPinLimiter: Limiter } =
      await import('../../src/guess-protection/unknown-pin.limiter.js');
    const settings = readSettings({ PIN_SECRET: 'x'.repeat(32) });
    limiter = new Limiter(settings, { counter: () => undefined });
  });

  async function miss(address: string, times: number): Promise<void> {
    for (let n = 0; n < times; n++) limiter.recordMiss(address);
    await jest.advanceTimersByTimeAsync(0);
  }

  /** What comes after so many misses, and that it is over when it is said to be. */
  async function throttling(address: string, misses: number): Promise<number> {
    await miss(address, misses - 1);
    expect(limiter.blockedFor(address)).toBe(0);
    await miss(address, 1);
    const ms = limiter.blockedFor(address);
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(limiter.blockedFor(address)).toBe(1);
    await jest.advanceTimersByTimeAsync(2);
    expect(limiter.blockedFor(address)).toBe(0);
    return ms;
  }

  it('for a minute, then twice as long each time, up to an hour, and after two hours again for a minute', async () => {
    const minutes: number[] = [];
    for (let n = 0; n < 9; n++) minutes.push((await throttling(GUESSER, 20)) / MINUTE);
    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 1, 2]);
  });

  it('and for a minute only, when that was long ago', async () => {
    expect(await throttling(GUESSER, 20)).toBe(MINUTE);
    expect(await throttling(GUESSER, 20)).toBe(2 * MINUTE);
    await jest.advanceTimersByTimeAsync(2 * HOUR);
    expect(await throttling(GUESSER, 20)).toBe(MINUTE);
  });

  it('not for 19 misses in each minute', async () => {
    for (let n = 0; n < 10; n++) {
      await miss(GUESSER, 19);
      await jest.advanceTimersByTimeAsync(MINUTE);
    }
    expect(limiter.hasBlocked).toBe(false);
  });

  it.each([
    ['/24', (host: number) => `192.0.2.${host}`, '192.0.3.1'],
    ['/64', (host: number) => `2001:db8:0:1:${host.toString(16)}::1`, '2001:db8:0:2::1'],
  ])('with its whole %s after 100 misses, and no address outside', async (_, host, outside) => {
    for (let n = 1; n <= 100; n++) {
      expect(limiter.blockedFor(host(200))).toBe(0);
      await miss(host(n), 1);
    }
    expect(limiter.blockedFor(host(200))).toBe(MINUTE);
    expect(limiter.blockedFor(outside)).toBe(0);
  });

  it('with all other clients after 10 000 misses in total', async () => {
    for (let n = 0; n < 9_999; n++) limiter.recordMiss(`10.${n >> 8}.${n & 255}.1`);
    await miss(GUESSER, 0);
    expect(limiter.hasBlocked).toBe(false);
    await miss(GUESSER, 1);
    expect(limiter.blockedFor('203.0.113.7')).toBe(MINUTE);
  });
});
