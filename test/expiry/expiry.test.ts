import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Issuance, issuanceStates, outcomeOf, stateOf } from '../../src/issuances/issuance.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { issuanceOf } from '../support/issuances.js';
import { PostgresServer } from '../support/postgres.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { Replica } from '../support/replica.js';

const MINUTE = 60_000;
const DAY = 24 * HOUR;

describe.each(['SQLite', 'Redis and PostgreSQL'])('The expiry scheduler on %s', (storage) => {
  const cleanUp = new CleanUp();
  const clock = new MovableClock(Date.now());
  let env: NodeJS.ProcessEnv;
  let replica: Replica;

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
    env = { DATA_DIR: dataDir, MAX_LIVE_PINS_PER_USER: '1000' };
    if (storage !== 'SQLite') {
      const redis = cleanUp.add(await RedisServer.start());
      const postgres = cleanUp.add(await PostgresServer.start());
      env = { ...env, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
    }
    replica = cleanUp.add(await Replica.start(env, clock));
  }, 60_000);
  afterAll(() => cleanUp.run());
  beforeEach(() => {
    clock.advance(2 * MINUTE); // past every lease
  });

  const outcome = async (id: string) => outcomeOf(await replica.record(id), clock.now());
  const state = async (id: string) => stateOf(await replica.record(id), clock.now());
  /** Moves the clock past the end of all live clusters, and runs the scheduler. */
  async function settleAll() {
    clock.advance(DAY - 30_000);
    await replica.expiry.run();
    clock.advance(2 * MINUTE);
    await replica.expiry.run();
  }

  it('copies the state of a cluster into its issuance', async () => {
    const { pin, id } = await replica.issue('by the scheduler');
    expect(await state(id)).toBe(issuanceStates[0]);
    const seen: unknown[] = [];
    for (const key of ['master_ip', 'master_ready']) {
      await replica.post(pin, key);
      clock.advance(MINUTE);
      await replica.expiry.run();
      seen.push(await state(id));
    }
    expect(seen).toEqual(['master_registered', 'ready']);
    await replica.clusters.countFetches(new Map([[id, 3]]));
    clock.advance(MINUTE);
    await replica.expiry.run();
    expect(await replica.record(id)).toMatchObject({
      description: 'by the scheduler',
      masterAt: clock.now() - 3 * MINUTE,
      readyAt: clock.now() - 2 * MINUTE,
      firstFetchedAt: clock.now() - MINUTE,
      fetches: 3,
    });
    expect(await outcome(id)).toBe('paired');
  });

  it('settles ended clusters by their last known state', async () => {
    const [paired, lonely, asking, unused] = [
      await replica.issue(),
      await replica.issue(),
      await replica.issue(),
      await replica.issue(),
    ];
    for (const { pin } of [paired, lonely]) await replica.post(pin, 'master_ip');
    await replica.clusters.countFetches(new Map([[paired.id, 1]]));
    await replica.clusters.markAsked([paired.id, lonely.id, asking.id]);
    const outcomes = () =>
      Promise.all([paired, lonely, asking, unused].map(({ id }) => outcome(id)));
    expect(await outcomes()).toEqual([undefined, undefined, undefined, undefined]);
    await settleAll();
    expect(await outcomes()).toEqual(['paired', 'lonely_master', 'lonely_worker', 'unused']);
    const { checkAt, createdAt, expiresAt } = await replica.record(paired.id);
    expect([checkAt, expiresAt - createdAt]).toEqual([null, DAY]);
  });

  it('settles clusters as incomplete to which fewer workers came than were expected', async () => {
    const fetch = (id: string, times: number) =>
      replica.clusters.countFetches(new Map([[id, times]]));
    const cluster = async (expected: number | undefined, master = true) => {
      const { pin, id } = await replica.issue(undefined, expected);
      if (master) await replica.post(pin, 'master_ip');
      const join = async (count: number, state = 'waiting') => {
        for (let n = 0; n < count; n++) await replica.join(pin, `worker${n}`, state);
      };
      return { pin, id, join };
    };
    const all = {
      nobodyExpected: await cluster(undefined),
      oldImages: await cluster(2),
      tooFewOldImages: await cluster(2),
      joined: await cluster(2),
      tooFewJoined: await cluster(2),
      tooFewJoinedAmongOldImages: await cluster(2),
      completeOnce: await cluster(2),
      readyWithoutFetch: await cluster(undefined),
      joinedWithoutFetch: await cluster(2),
      joinedWithoutMaster: await cluster(2, false),
      failedMaster: await cluster(2, false),
      neverUsed: await cluster(2, false),
    };
    await fetch(all.nobodyExpected.id, 1);
    await fetch(all.oldImages.id, 2);
    await fetch(all.tooFewOldImages.id, 1);
    await all.joined.join(2);
    await fetch(all.joined.id, 1);
    await all.tooFewJoined.join(1, 'ready');
    await all.tooFewJoinedAmongOldImages.join(1, 'ready');
    await fetch(all.tooFewJoinedAmongOldImages.id, 3);
    await all.completeOnce.join(2, 'ready');
    await replica.leave(all.completeOnce.pin, 'worker0');
    await all.readyWithoutFetch.join(1, 'ready');
    await all.joinedWithoutFetch.join(2);
    await all.joinedWithoutMaster.join(1);
    await replica.post(all.failedMaster.pin, 'master_failed', 'The disk is full');

    const outcomes = async () =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(all).map(async ([name, { id }]) => [name, await outcome(id)] as const),
        ),
      );
    clock.advance(MINUTE);
    await replica.expiry.run();
    expect(await state(all.failedMaster.id)).toBe('failed');
    expect(await outcomes()).toMatchObject({
      oldImages: 'paired',
      tooFewOldImages: undefined,
      completeOnce: 'paired',
    });
    await settleAll();
    expect(await outcomes()).toEqual({
      nobodyExpected: 'paired',
      oldImages: 'paired',
      tooFewOldImages: 'incomplete',
      joined: 'paired',
      tooFewJoined: 'incomplete',
      tooFewJoinedAmongOldImages: 'incomplete',
      completeOnce: 'paired',
      readyWithoutFetch: 'paired',
      joinedWithoutFetch: 'lonely_master',
      joinedWithoutMaster: 'lonely_worker',
      failedMaster: 'lonely_master',
      neverUsed: 'unused',
    });
    expect(await replica.record(all.completeOnce.id)).toMatchObject({
      expectedWorkers: 2,
      joinedWorkers: 1,
      readyWorkers: 1,
      completedAt: expect.any(Number),
    });
  });

  it('writes a record once for all changes of a cluster between two runs', async () => {
    const { pin, id } = await replica.issue(undefined, 200);
    const version = async () => (await replica.record(id)) as Issuance & { version: number };
    const before = await version();
    for (let n = 0; n < 100; n++) await replica.join(pin, `worker${n}`);
    for (let n = 0; n < 100; n++) await replica.join(pin, `worker${n}`, 'ready');
    expect(await version()).toEqual(before);
    clock.advance(MINUTE);
    await replica.expiry.run();
    expect(await version()).toMatchObject({
      version: before.version + 1,
      joinedWorkers: 100,
      readyWorkers: 100,
    });
  });

  it('reports each settled issuance once', async () => {
    const { id } = await replica.issue();
    clock.advance(DAY);
    const { settled } = (await replica.expiry.run())!;
    expect(settled.map((record) => record.id)).toContain(id);
    expect((await replica.expiry.run())!.settled).toEqual([]);
  });

  it('gives the outcome deleted to a cluster that was ended with its PIN, at once', async () => {
    const { pin, id } = await replica.issue();
    await replica.post(pin, 'master_ip');
    await replica.end(pin);
    await until('the record', async () => (await outcome(id)) === 'deleted');
    expect(await replica.record(id)).toMatchObject({ deletedAt: clock.now(), checkAt: null });
    expect((await replica.record(id)).masterAt).toBe(clock.now());
  });

  it('finds out that a cluster was deleted when it was not told', async () => {
    const { id } = await replica.issue();
    await replica.clusters.end(id);
    clock.advance(MINUTE);
    await replica.expiry.run();
    expect(await outcome(id)).toBe('deleted');
  });

  it('gives the outcome unused to a PIN that was never created, and no longer counts it as live', async () => {
    const record = issuanceOf({ seenAt: null, createdAt: clock.now() });
    await replica.records.add(record, 1_000);
    await replica.expiry.run();
    expect(await state(record.id)).toBe('issued');
    clock.advance(MINUTE);
    await replica.expiry.run();
    expect([await state(record.id), await outcome(record.id)]).toEqual(['ended', 'unused']);
  });

  it('ends the cluster of a revoked issuance when the service died before it could', async () => {
    const { pin, id } = await replica.issue();
    const record = await replica.record(id);
    await replica.records.update(record, { revokedAt: clock.now(), checkAt: clock.now() });
    await replica.expiry.run();
    expect(await replica.clusters.find(id)).toBeUndefined();
    expect(await outcome(id)).toBe('revoked');
    await expect(replica.post(pin, 'master_ip')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not change a revoked issuance', async () => {
    const { id } = await replica.issue();
    await replica.revoke(id);
    const revoked = await replica.record(id);
    await settleAll();
    expect(await replica.record(id)).toEqual(revoked);
    expect(await outcome(id)).toBe('revoked');
  });

  it('removes issuances past their retention', async () => {
    const { id } = await replica.issue();
    await settleAll();
    clock.advance(400 * DAY - 2 * DAY);
    await replica.expiry.run();
    expect(await replica.records.find(id)).toBeDefined();
    clock.advance(2 * DAY);
    expect((await replica.expiry.run())!.droppedRecords).toBeGreaterThan(0);
    expect(await replica.records.find(id)).toBeUndefined();
  });

  it('does a limited amount in one run, and the rest in the next', async () => {
    const records = Array.from({ length: 1_050 }, () =>
      issuanceOf({ owner: 'many', createdAt: clock.now() - DAY, checkAt: clock.now() - DAY }),
    );
    for (const record of records) await replica.records.add(record, 10_000);
    expect((await replica.expiry.status()).lagMs).toBe(DAY);
    expect((await replica.expiry.run())!.settled).toHaveLength(1_000);
    expect((await replica.expiry.status()).lagMs).toBe(DAY);
    expect((await replica.expiry.run())!.settled).toHaveLength(50);
    expect(await replica.expiry.status()).toEqual({
      lagMs: 0,
      lastSuccessAt: clock.now(),
      livePins: 0,
    });
  }, 60_000);

  it('settles each issuance once when many runs are concurrent', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 30; n++) ids.push((await replica.issue()).id);
    clock.advance(DAY);
    const reports = await Promise.all(Array.from({ length: 5 }, () => replica.expiry.run()));
    const settled = reports.flatMap((report) => report!.settled.map(({ id }) => id));
    expect(settled.toSorted()).toEqual(ids.toSorted());
  });

  if (storage === 'SQLite') {
    it('removes expired clusters from the file', async () => {
      await replica.issue();
      await settleAll();
      await replica.issue();
      clock.advance(DAY);
      expect((await replica.expiry.run())!.removedClusters).toBe(1);
      expect(await replica.clusters.removeExpired(10)).toBe(0);
    });
  } else {
    it('runs on one replica, and on another when that has died', async () => {
      const other = await Replica.start(env, clock);
      const { id } = await replica.issue();
      clock.advance(DAY);
      expect(await replica.expiry.run()).toBeDefined();
      clock.advance(59_000);
      expect(await other.expiry.run()).toBeUndefined();
      expect((await other.expiry.status()).lastSuccessAt).toBe(clock.now() - 59_000);
      clock.advance(1_000);
      expect(await other.expiry.run()).toBeDefined();
      expect(await replica.expiry.run()).toBeUndefined();
      expect(await outcome(id)).toBe('unused');
      await other.stop();
    });
  }
});
