import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Leases } from '../../src/maintenance/leases.js';
import {
  type Issuance,
  issuanceOutcomes,
  issuanceStates,
  outcomeOf,
  stateOf,
} from '../../src/issuances/issuance.js';
import type { IssuanceFilter, IssuanceStore } from '../../src/issuances/issuance.store.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR } from '../support/clock.js';
import { issuanceOf } from '../support/issuances.js';
import { PostgresServer } from '../support/postgres.js';
import { openRecord } from '../support/record.js';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const TASK = 'expiry';

describe.each(['SQLite', 'PostgreSQL'])('The issuances in %s', (name) => {
  const cleanUp = new CleanUp();
  let store: IssuanceStore;
  let leases: Leases;
  let owner: string;

  beforeAll(async () => {
    const opened = await (name === 'SQLite' ? onSqlite() : onPostgres());
    store = opened.issuances;
    leases = opened.leases;
  }, 60_000);
  afterAll(() => cleanUp.run());

  async function onSqlite() {
    const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
    return cleanUp.add(await openRecord({ DATA_DIR: dataDir }));
  }

  async function onPostgres() {
    const server = cleanUp.add(await PostgresServer.start());
    return cleanUp.add(await openRecord({ DATABASE_URL: server.url }));
  }

  let users = 0;
  beforeEach(() => {
    owner = `user${users++}`; // with no records yet
  });

  const add = async (change: Partial<Issuance> = {}) =>
    (await store.add(issuanceOf({ owner, createdAt: NOW, ...change }), 1_000))!;
  const list = async (filter: IssuanceFilter = {}, limit = 100, now = NOW) =>
    (await store.list({ owner, ...filter }, now, limit)).map(({ id }) => id);

  describe('a record', () => {
    it('is found as it was added', async () => {
      const issuance = issuanceOf({
        owner,
        description: 'Analyse d’été',
        masterAt: NOW + 1,
        fetches: 3,
        checkAt: null,
      });
      await store.add(issuance, 1);
      expect(await store.find(issuance.id)).toMatchObject(issuance);
    });

    it('is unknown until it is added', async () => {
      expect(await store.find(issuanceOf().id)).toBeUndefined();
    });

    it('is changed while it is as it was read', async () => {
      const read = await add();
      expect(await store.update(read, { readyAt: NOW, checkAt: null })).toBe(true);
      expect(await store.find(read.id)).toMatchObject({
        ...read,
        version: 2,
        readyAt: NOW,
        checkAt: null,
      });
    });

    it('is not changed when somebody else changed it first', async () => {
      const read = await add();
      await store.update(read, { readyAt: NOW });
      expect(await store.update(read, { readyAt: null, fetches: 7 })).toBe(false);
      expect(await store.find(read.id)).toMatchObject({ readyAt: NOW, fetches: 0 });
    });

    it('is changed by only one of many concurrent updates', async () => {
      const read = await add();
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, fetches) => store.update(read, { fetches })),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('the number of live issuances', () => {
    it('is bounded for each owner', async () => {
      await add();
      await add();
      expect(await store.add(issuanceOf({ owner, createdAt: NOW }), 2)).toBeUndefined();
      expect(await list()).toHaveLength(2);
      const another = issuanceOf({ owner: `${owner}-another`, createdAt: NOW });
      expect(await store.add(another, 2)).toMatchObject(another);
    });

    it('does not count those that have ended', async () => {
      await add({ revokedAt: NOW - 1 });
      await add({ deletedAt: NOW - 1 });
      await add({ createdAt: NOW - 24 * HOUR });
      expect(await store.add(issuanceOf({ owner, createdAt: NOW }), 1)).toBeDefined();
    });

    it('is not exceeded by concurrent requests', async () => {
      const added = await Promise.all(
        Array.from({ length: 20 }, () => store.add(issuanceOf({ owner, createdAt: NOW }), 7)),
      );
      expect(added.filter(Boolean)).toHaveLength(7);
      expect(await list()).toHaveLength(7);
    });
  });

  describe('the list', () => {
    it('has the newest first, and continues after any of them', async () => {
      const ids: string[] = [];
      for (const age of [0, 1, 1, 1, 2]) ids.push((await add({ createdAt: NOW - age })).id);
      const all = await store.list({ owner }, NOW, 100);
      expect(all.map(({ createdAt }) => NOW - createdAt)).toEqual([0, 1, 1, 1, 2]);
      expect(new Set(all.map(({ id }) => id))).toEqual(new Set(ids));
      for (const [index, after] of all.entries()) {
        expect(await list({ after })).toEqual(all.slice(index + 1).map(({ id }) => id));
      }
      expect(await list({}, 2)).toEqual(all.slice(0, 2).map(({ id }) => id));
    });

    it('has the issuances of one owner, or of everyone', async () => {
      const { id } = await add();
      const another = await add({ owner: `${owner}-another` });
      expect(await list()).toEqual([id]);
      expect(await list({ owner: undefined }, 1_000)).toEqual(
        expect.arrayContaining([id, another.id]),
      );
    });

    it('has the issuances of a period', async () => {
      await add({ createdAt: NOW - 1 });
      const { id } = await add({ createdAt: NOW });
      await add({ createdAt: NOW + 1 });
      expect(await list({ since: NOW, until: NOW + 1 })).toEqual([id]);
    });

    it('has the issuances with a state or an outcome', async () => {
      const times = [null, NOW - HOUR];
      const workers: Partial<Issuance>[] = [
        {},
        { joinedWorkers: 1 },
        { joinedWorkers: 1, readyWorkers: 1 },
        { expectedWorkers: 2 },
        { expectedWorkers: 2, fetches: 1 },
        { expectedWorkers: 2, fetches: 2 },
        { expectedWorkers: 2, fetches: 2, joinedWorkers: 1 },
        { expectedWorkers: 2, joinedWorkers: 2 },
        { expectedWorkers: 2, completedAt: NOW - HOUR },
      ];
      for (const masterAt of times)
        for (const readyAt of times)
          for (const firstFetchedAt of times)
            for (const askedAt of times)
              for (const revokedAt of times)
                for (const deletedAt of times)
                  for (const createdAt of [NOW - 24 * HOUR, NOW - 23 * HOUR])
                    for (const failedAt of times) {
                      const marks = { masterAt, readyAt, failedAt, firstFetchedAt, askedAt };
                      for (const counts of workers.slice(0, revokedAt || deletedAt ? 1 : undefined))
                        await add({ ...marks, ...counts, revokedAt, deletedAt, createdAt });
                    }
      const all = await store.list({ owner }, NOW, 1_000);
      expect(all).toHaveLength(64 * workers.length + 192);
      const expected = (isSo: (issuance: Issuance) => boolean) =>
        all.filter(isSo).map(({ id }) => id);
      for (const state of issuanceStates) {
        const those = expected((issuance) => stateOf(issuance, NOW) === state);
        expect(those).not.toEqual([]);
        expect(await list({ state }, 1_000)).toEqual(those);
      }
      for (const outcome of issuanceOutcomes) {
        const those = expected((issuance) => outcomeOf(issuance, NOW) === outcome);
        expect(those).not.toEqual([]);
        expect(await list({ outcome }, 1_000)).toEqual(those);
      }
    });
  });

  describe('what is due', () => {
    it('is the list of issuances to check, the longest overdue first', async () => {
      const long = NOW - 1_000 * HOUR; // nobody else's records are as old
      const late = await add({ checkAt: long + 1 });
      const later = await add({ checkAt: long });
      await add({ checkAt: long + 2 });
      await add({ checkAt: null });
      const due = await store.due(long + 1, 10);
      expect(due.map(({ id }) => id)).toEqual([later.id, late.id]);
      expect((await store.due(long + 1, 1)).map(({ id }) => id)).toEqual([later.id]);
    });
  });

  describe('what is past its retention', () => {
    it('is removed, the oldest first and not too many at a time', async () => {
      const [kept, old, older] = [
        await add({ createdAt: NOW - 500 * HOUR }),
        await add({ createdAt: NOW - 500 * HOUR - 1 }),
        await add({ createdAt: NOW - 500 * HOUR - 2 }),
      ];
      expect(await store.removeBefore(kept.createdAt, 1)).toBe(1);
      expect(await list()).toEqual([kept.id, old.id]);
      expect(await store.find(older.id)).toBeUndefined();
      expect(await store.removeBefore(kept.createdAt, 10)).toBe(1);
      expect(await store.removeBefore(kept.createdAt, 10)).toBe(0);
      expect(await list()).toEqual([kept.id]);
    });
  });

  describe('a lease', () => {
    let now = NOW;
    beforeEach(() => {
      now += HOUR; // nobody holds it any more
    });

    it('is taken by only one of many concurrent requests', async () => {
      const holders = Array.from({ length: 10 }, (_, n) => `holder${n}`);
      const taken = await Promise.all(
        holders.map((holder) => leases.take(TASK, holder, now, now + 1_000)),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
    });

    it('is renewed by its holder, and cannot be taken before its end', async () => {
      expect(await leases.take(TASK, 'one', now, now + 1_000)).toBe(true);
      expect(await leases.take(TASK, 'one', now + 500, now + 1_500)).toBe(true);
      expect(await leases.take(TASK, 'another', now + 1_499, now + 2_000)).toBe(false);
      expect(await leases.take(TASK, 'another', now + 1_500, now + 2_000)).toBe(true);
      expect(await leases.take(TASK, 'one', now + 1_600, now + 2_000)).toBe(false);
    });

    it('remembers when its task was last done', async () => {
      await leases.succeeded(TASK, now);
      expect(await leases.lastSuccess(TASK)).toBe(now);
    });
  });

  it('is up', () => {
    expect(store.isUp).toBe(true);
  });
});
