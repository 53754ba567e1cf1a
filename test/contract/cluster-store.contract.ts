import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { MAX_KEYS, MAX_MEMBERS, type MemberState } from '../../src/clusters/cluster.js';
import type { ClusterStore, SealedKey, SealedMember } from '../../src/clusters/cluster.store.js';
import type { Clock } from '../../src/clock/clock.js';
import type { OpenStorage } from '../../src/storage/storage.js';
import { HOUR, MovableClock } from '../support/clock.js';

/** An adapter under test. */
export interface StoreUnderTest {
  readonly name: string;
  /** Begins with no data, where every replica can open a store of its own. */
  readonly start: (clock: Clock) => Promise<{
    readonly open: () => Promise<Pick<OpenStorage, 'clusters' | 'signals' | 'close'>>;
    readonly stop: () => Promise<void>;
  }>;
}

export const unknown = () => randomBytes(16).toString('base64url');
const key = (name: string, sealed = `sealed-${name}`): SealedKey => ({ name, sealed });
const member = (
  handle: string,
  state: MemberState = 'waiting',
  sealed = `sealed-${handle}`,
): SealedMember => ({ handle, state, sealed });

/** What every `ClusterStore` promises, whatever it is made of. */
export function describeClusterStore(underTest: StoreUnderTest): void {
  describe(`${underTest.name} as a ClusterStore`, () => {
    const clock = new MovableClock(Date.now());
    const cleanUp: (() => Promise<void>)[] = [];
    let store: ClusterStore;

    beforeAll(async () => {
      const { open, stop } = await underTest.start(clock);
      const { clusters, close } = await open();
      store = clusters;
      cleanUp.push(close, stop);
    });
    afterAll(async () => {
      for (const each of cleanUp) await each();
    });

    async function cluster({
      keys = [] as SealedKey[],
      members = [] as SealedMember[],
      lifetime = 24 * HOUR,
      expectedWorkers = undefined as number | undefined,
    } = {}): Promise<string> {
      const id = unknown();
      const createdAt = clock.now();
      await store.create(id, { createdAt, expiresAt: createdAt + lifetime, expectedWorkers });
      for (const each of keys) await store.add(id, each);
      for (const each of members) await store.addMember(id, each);
      return id;
    }

    describe('a cluster', () => {
      it('is found as it was created', async () => {
        const id = unknown();
        const lifetime = { createdAt: clock.now(), expiresAt: clock.now() + HOUR };
        expect(await store.create(id, lifetime)).toBe(true);
        expect(await store.find(id)).toEqual({
          ...lifetime,
          keys: [],
          secondMasters: 0,
          masterChanges: 0,
          fetches: 0,
          firstFetchedAt: undefined,
          askedAt: undefined,
          workers: { expected: undefined, joined: 0, ready: 0, failed: 0 },
          completedAt: undefined,
        });
      });

      it('keeps how many workers are expected', async () => {
        const id = await cluster({ expectedWorkers: 3 });
        expect((await store.find(id))?.workers.expected).toBe(3);
        expect((await store.memberCounts(id))?.workers.expected).toBe(3);
      });

      it('is not created a second time under the same id', async () => {
        const id = await cluster({ keys: [key('master_ip')] });
        const first = await store.find(id);
        expect(await store.create(id, { createdAt: 1, expiresAt: clock.now() + HOUR })).toBe(false);
        expect(await store.find(id)).toEqual(first);
      });

      it('is unknown until it is created', async () => {
        expect(await store.find(unknown())).toBeUndefined();
      });

      it('names its keys in order of creation', async () => {
        const id = await cluster({ keys: [key('zeta'), key('alpha'), key('Mid_1-2')] });
        const found = await store.find(id);
        expect(found?.keys.map(({ name }) => name)).toEqual(['zeta', 'alpha', 'Mid_1-2']);
      });

      it('keeps the time when each key was first added', async () => {
        const id = await cluster({ keys: [key('master_ip')] });
        const master_ip = clock.now();
        clock.advance(1_500);
        await store.add(id, key('master_ready', 'old'));
        const master_ready = clock.now();
        clock.advance(1_500);
        await store.replace(id, 'master_ready', 'old', key('master_ready', 'new'));
        expect((await store.find(id))?.keys).toEqual([
          { name: 'master_ip', addedAt: master_ip },
          { name: 'master_ready', addedAt: master_ready },
        ]);
      });

      it('counts fetches of its master, and keeps the time of the first', async () => {
        const [fetched, later, never] = [await cluster(), await cluster(), await cluster()];
        const first = clock.now();
        await store.countFetches(new Map([[fetched, 3]]));
        clock.advance(1_500);
        const counts = { [fetched]: 4, [unknown()]: 5, [later]: 6 };
        await store.countFetches(new Map(Object.entries(counts)));
        const found = await Promise.all([fetched, later, never].map((id) => store.find(id)));
        expect(found.map((each) => [each?.fetches, each?.firstFetchedAt])).toEqual([
          [7, first],
          [6, first + 1_500],
          [0, undefined],
        ]);
      });

      it('counts no fetches from a cluster that does not exist', async () => {
        const id = unknown();
        await store.countFetches(new Map([[id, 1]]));
        expect(await store.find(id)).toBeUndefined();
      });

      it('keeps the time when a worker first asked for a missing master', async () => {
        const [asked, other, never] = [await cluster(), await cluster(), await cluster()];
        const first = clock.now();
        await store.markAsked([asked]);
        clock.advance(1_500);
        await store.markAsked([unknown(), other, asked]);
        const found = await Promise.all([asked, other, never].map((id) => store.find(id)));
        expect(found.map((each) => each?.askedAt)).toEqual([first, first + 1_500, undefined]);
      });

      it('is listed as live until it ends', async () => {
        const ids = [await cluster(), await cluster()];
        expect(await store.liveIds()).toEqual(expect.arrayContaining(ids));
        await store.end(ids[0]!);
        expect(await store.liveIds()).not.toContain(ids[0]);
      });

      it('counts its second masters', async () => {
        const id = await cluster();
        await store.countSecondMaster(id);
        await store.countSecondMaster(id);
        expect((await store.find(id))?.secondMasters).toBe(2);
      });

      it('counts no second master of a cluster that does not exist', async () => {
        const id = unknown();
        await store.countSecondMaster(id);
        expect(await store.find(id)).toBeUndefined();
      });

      it('ends with all its keys and members', async () => {
        const id = await cluster({
          keys: [key('master_ip'), key('master_ready')],
          members: [member('a', 'ready')],
        });
        await store.countFetches(new Map([[id, 2]]));
        await store.markAsked([id]);
        const last = await store.find(id);
        expect(await store.end(id)).toEqual(last);
        expect(await store.find(id)).toBeUndefined();
        expect(await store.keys(id)).toBeUndefined();
        expect(await store.key(id, 'master_ip')).toBeUndefined();
        expect(await store.members(id)).toBeUndefined();
        expect(await store.member(id, 'a')).toBe('no-cluster');
        expect(await store.end(id)).toBeUndefined();
      });

      it('ends without effect on other clusters', async () => {
        const [ended, other] = [await cluster(), await cluster({ keys: [key('master_ip')] })];
        await store.end(ended);
        expect(await store.keys(other)).toEqual([key('master_ip')]);
      });
    });

    describe('keys', () => {
      it('are listed in order of creation', async () => {
        const keys = [key('b'), key('a'), key('c')];
        expect(await store.keys(await cluster({ keys }))).toEqual(keys);
      });

      it('are an empty list in a new cluster, and undefined without a cluster', async () => {
        expect(await store.keys(await cluster())).toEqual([]);
        expect(await store.keys(unknown())).toBeUndefined();
      });

      it('are fetched one by one', async () => {
        const id = await cluster({ keys: [key('master_ip', 'x'), key('other', 'y')] });
        expect(await store.key(id, 'master_ip')).toEqual({
          sealed: 'x',
          expiresAt: (await store.find(id))?.expiresAt,
          masterAddedAt: clock.now(),
          hasFailed: false,
        });
        expect(await store.key(id, 'missing')).toMatchObject({ sealed: undefined });
        expect(await store.key(unknown(), 'master_ip')).toBeUndefined();
      });

      it('are fetched with the time at which the master registered, while it is there', async () => {
        const id = await cluster({ keys: [key('other', 'y')] });
        expect((await store.key(id, 'other'))?.masterAddedAt).toBeUndefined();
        clock.advance(1_000);
        const registered = clock.now();
        await store.add(id, key('master_ip', 'x'));
        clock.advance(1_000);
        const readings = [await store.key(id, 'other'), await store.key(id, 'missing')];
        expect(readings.map((read) => read?.masterAddedAt)).toEqual([registered, registered]);
        await store.remove(id, 'master_ip', 'x');
        expect((await store.key(id, 'missing'))?.masterAddedAt).toBeUndefined();
      });

      it('are fetched with the failure of the master, while it is not ready', async () => {
        const id = await cluster({ keys: [key('other')] });
        const readings = async () =>
          (await Promise.all([store.key(id, 'other'), store.key(id, 'missing')])).map(
            (read) => read?.hasFailed,
          );
        expect(await readings()).toEqual([false, false]);
        await store.add(id, key('master_failed', 'x'));
        expect(await readings()).toEqual([true, true]);
        await store.add(id, key('master_ready', 'y'));
        expect(await readings()).toEqual([false, false]);
        await store.remove(id, 'master_ready', 'y');
        expect(await readings()).toEqual([true, true]);
        await store.remove(id, 'master_failed', 'x');
        expect(await readings()).toEqual([false, false]);
      });

      it.each(['__proto__', 'constructor', 'createdAt', 'expires_at', 'A'.repeat(100)])(
        'may be called %s',
        async (name) => {
          const id = await cluster({ keys: [key(name)] });
          expect(await store.keys(id)).toEqual([key(name)]);
        },
      );

      it('are case-sensitive', async () => {
        const id = await cluster({ keys: [key('Key', 'upper'), key('key', 'lower')] });
        expect([await store.key(id, 'Key'), await store.key(id, 'key')]).toMatchObject([
          { sealed: 'upper' },
          { sealed: 'lower' },
        ]);
      });
    });

    describe('adding a key', () => {
      it('reports success', async () => {
        expect(await store.add(await cluster(), key('a'))).toEqual({ outcome: 'added' });
      });

      it('keeps the first value of an existing key, and returns it', async () => {
        const id = await cluster({ keys: [key('a', 'first')] });
        expect(await store.add(id, key('a', 'second'))).toEqual({
          outcome: 'exists',
          sealed: 'first',
        });
        expect(await store.key(id, 'a')).toMatchObject({ sealed: 'first' });
      });

      it('needs a cluster', async () => {
        const id = unknown();
        expect(await store.add(id, key('a'))).toEqual({ outcome: 'no-cluster' });
        expect(await store.find(id)).toBeUndefined();
      });

      it(`ends at ${MAX_KEYS} keys`, async () => {
        const keys = Array.from({ length: MAX_KEYS }, (_, index) => key(`key${index}`));
        const id = await cluster({ keys });
        expect(await store.add(id, key('one-more'))).toEqual({ outcome: 'full' });
        expect(await store.keys(id)).toEqual(keys);
      });

      it('finds an existing key even in a full cluster', async () => {
        const keys = Array.from({ length: MAX_KEYS }, (_, index) => key(`key${index}`));
        const id = await cluster({ keys });
        expect(await store.add(id, key('key7', 'again'))).toEqual({
          outcome: 'exists',
          sealed: 'sealed-key7',
        });
      });

      it('accepts one of many concurrent writers, and returns its value to the others', async () => {
        const id = await cluster();
        const writers = Array.from({ length: 50 }, (_, index) => key('master_ip', `value${index}`));
        const outcomes = await Promise.all(writers.map((writer) => store.add(id, writer)));
        const winners = writers.filter((_, index) => outcomes[index]?.outcome === 'added');
        expect(winners).toHaveLength(1);
        const others = outcomes.filter(({ outcome }) => outcome !== 'added');
        expect(new Set(others.map((other) => JSON.stringify(other)))).toEqual(
          new Set([JSON.stringify({ outcome: 'exists', sealed: winners[0]?.sealed })]),
        );
      });

      it(`never exceeds ${MAX_KEYS} keys with many concurrent writers`, async () => {
        const id = await cluster();
        const writers = Array.from({ length: 2 * MAX_KEYS }, (_, index) => key(`key${index}`));
        const outcomes = await Promise.all(writers.map((writer) => store.add(id, writer)));
        expect(outcomes.filter(({ outcome }) => outcome === 'added')).toHaveLength(MAX_KEYS);
        expect(await store.keys(id)).toHaveLength(MAX_KEYS);
      });
    });

    describe('replacing a key', () => {
      it('changes its value', async () => {
        const id = await cluster({ keys: [key('a', 'old')] });
        expect(await store.replace(id, 'a', 'old', key('a', 'new'))).toEqual({
          outcome: 'replaced',
        });
        expect(await store.key(id, 'a')).toMatchObject({ sealed: 'new' });
      });

      it('renames it and keeps its position', async () => {
        const id = await cluster({ keys: [key('a'), key('b'), key('c')] });
        expect(await store.replace(id, 'b', 'sealed-b', key('z'))).toEqual({ outcome: 'replaced' });
        expect(await store.keys(id)).toEqual([key('a'), key('z'), key('c')]);
      });

      it('refuses a name that another key has', async () => {
        const keys = [key('a'), key('b')];
        const id = await cluster({ keys });
        expect(await store.replace(id, 'a', 'sealed-a', key('b', 'new'))).toEqual({
          outcome: 'taken',
        });
        expect(await store.keys(id)).toEqual(keys);
      });

      it('refuses when the value is not the expected one', async () => {
        const id = await cluster({ keys: [key('a', 'old')] });
        expect(await store.replace(id, 'a', 'older', key('a', 'new'))).toEqual({
          outcome: 'changed',
        });
        expect(await store.key(id, 'a')).toMatchObject({ sealed: 'old' });
      });

      it('needs the key and the cluster', async () => {
        expect(await store.replace(await cluster(), 'a', 'x', key('a'))).toEqual({
          outcome: 'missing',
        });
        expect(await store.replace(unknown(), 'a', 'x', key('a'))).toEqual({ outcome: 'missing' });
      });

      it('accepts one of many concurrent changes of the same value', async () => {
        const id = await cluster({ keys: [key('a', 'old')] });
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            store.replace(id, 'a', 'old', key('a', `new${index}`)),
          ),
        );
        expect(outcomes.filter(({ outcome }) => outcome === 'replaced')).toHaveLength(1);
      });
    });

    describe('removing a key', () => {
      it('removes it only once', async () => {
        const id = await cluster({ keys: [key('a'), key('b')] });
        expect(await store.remove(id, 'a', 'sealed-a')).toBe('removed');
        expect(await store.remove(id, 'a', 'sealed-a')).toBe('missing');
        expect(await store.keys(id)).toEqual([key('b')]);
      });

      it('needs a cluster', async () => {
        expect(await store.remove(unknown(), 'a', 'sealed-a')).toBe('no-cluster');
      });

      it('refuses when the value is not the expected one', async () => {
        const id = await cluster({ keys: [key('a', 'old')] });
        expect(await store.remove(id, 'a', 'older')).toBe('changed');
        expect(await store.key(id, 'a')).toMatchObject({ sealed: 'old' });
      });

      it('makes room for another, which comes last', async () => {
        const id = await cluster({ keys: [key('a'), key('b')] });
        await store.remove(id, 'a', 'sealed-a');
        await store.add(id, key('a', 'again'));
        expect(await store.keys(id)).toEqual([key('b'), key('a', 'again')]);
      });
    });

    describe('the master', () => {
      const first = key('master_ip', 'first');
      const master = (sealed: string) => key('master_ip', sealed);
      const changes = async (id: string) => (await store.find(id))?.masterChanges;

      it('counts as changed when it is replaced or removed, and when another comes after that', async () => {
        const id = await cluster({ keys: [first] });
        expect(await changes(id)).toBe(0);
        await store.replace(id, 'master_ip', 'first', master('second'));
        expect(await changes(id)).toBe(1);
        await store.remove(id, 'master_ip', 'second');
        expect(await changes(id)).toBe(2);
        await store.add(id, master('third'));
        expect(await changes(id)).toBe(3);
      });

      it('counts as changed when it is renamed, and when another key takes its name', async () => {
        const id = await cluster({ keys: [first, key('other', 'second')] });
        await store.replace(id, 'master_ip', 'first', key('hidden', 'first'));
        expect(await changes(id)).toBe(1);
        expect(await store.replace(id, 'other', 'second', master('second'))).toEqual({
          outcome: 'replaced',
          firstMaster: 'first',
        });
        expect(await changes(id)).toBe(2);
      });

      it('counts as changed when it is no longer ready, whatever is said of it then', async () => {
        const id = await cluster({ keys: [first, key('master_ready', 'yes')] });
        await store.replace(id, 'master_ready', 'yes', key('master_ready', 'true'));
        expect(await changes(id)).toBe(0);
        await store.replace(id, 'master_ready', 'true', key('not_ready', 'true'));
        expect(await changes(id)).toBe(1);
        await store.add(id, key('master_ready', 'yes'));
        await store.remove(id, 'master_ready', 'yes');
        expect(await changes(id)).toBe(2);
      });

      it('that came first is known to all that come after it', async () => {
        const id = await cluster({ keys: [first] });
        expect(await store.add(id, master('x'))).toEqual({ outcome: 'exists', sealed: 'first' });
        await store.replace(id, 'master_ip', 'first', master('second'));
        expect(await store.add(id, master('x'))).toEqual({
          outcome: 'exists',
          sealed: 'second',
          firstMaster: 'first',
        });
        await store.remove(id, 'master_ip', 'second');
        expect(await store.add(id, key('other'))).toEqual({ outcome: 'added' });
        expect(await store.add(id, master('third'))).toEqual({
          outcome: 'added',
          firstMaster: 'first',
        });
      });

      it('is not changed by what is refused, nor by other keys', async () => {
        const id = await cluster({ keys: [first, key('a')] });
        await store.replace(id, 'master_ip', 'stale', master('second'));
        await store.replace(id, 'master_ip', 'first', key('a', 'first'));
        await store.replace(id, 'a', 'sealed-a', master('second'));
        await store.remove(id, 'master_ip', 'stale');
        await store.add(id, master('second'));
        await store.replace(id, 'a', 'sealed-a', key('b'));
        await store.remove(id, 'b', 'sealed-b');
        expect(await changes(id)).toBe(0);
      });

      it('is changed by one of many at a time, which counts once', async () => {
        const id = await cluster({ keys: [first] });
        const outcomes = await Promise.all([
          ...Array.from({ length: 10 }, (_, n) =>
            store.replace(id, 'master_ip', 'first', master(`new${n}`)),
          ),
          ...Array.from({ length: 10 }, () => store.remove(id, 'master_ip', 'first')),
        ]);
        expect(
          outcomes.filter((each) => /replaced|removed/.test(JSON.stringify(each))),
        ).toHaveLength(1);
        expect(await changes(id)).toBe(1);
      });
    });

    describe('members', () => {
      const handles = async (id: string) =>
        (await store.members(id))?.members.map(({ handle }) => handle);
      const workers = async (id: string) => (await store.find(id))?.workers;

      it('are listed in order of joining, with their numbers', async () => {
        const id = await cluster({ expectedWorkers: 4 });
        const joinedAt = clock.now();
        await store.addMember(id, member('b', 'ready'));
        clock.advance(1_500);
        await store.addMember(id, member('a'));
        expect(await store.members(id)).toEqual({
          workers: { expected: 4, joined: 2, ready: 1, failed: 0 },
          revision: 2,
          expiresAt: joinedAt + 24 * HOUR,
          members: [
            { ...member('b', 'ready'), joinedAt, updatedAt: joinedAt },
            { ...member('a'), joinedAt: joinedAt + 1_500, updatedAt: joinedAt + 1_500 },
          ],
        });
      });

      it('are none in a new cluster, and undefined without a cluster', async () => {
        expect(await store.members(await cluster())).toMatchObject({ members: [], revision: 0 });
        expect(await store.members(unknown())).toBeUndefined();
        expect(await store.memberCounts(unknown())).toBeUndefined();
      });

      it('are read one by one', async () => {
        const id = await cluster({ members: [member('a', 'failed'), member('b')] });
        expect(await store.member(id, 'a')).toEqual({
          ...member('a', 'failed'),
          joinedAt: clock.now(),
          updatedAt: clock.now(),
        });
        expect(await store.member(id, 'c')).toBe('missing');
        expect(await store.member(unknown(), 'a')).toBe('no-cluster');
      });

      it('join only once: the first of the same handle stays, and is returned', async () => {
        const id = await cluster({ members: [member('a', 'ready', 'first')] });
        const first = await store.member(id, 'a');
        clock.advance(1_500);
        expect(await store.addMember(id, member('a', 'failed', 'second'))).toEqual({
          outcome: 'exists',
          member: first,
        });
        expect(await store.member(id, 'a')).toEqual(first);
        expect(await store.memberCounts(id)).toMatchObject({ revision: 1 });
      });

      it('join a live cluster only', async () => {
        const id = unknown();
        expect(await store.addMember(id, member('a'))).toEqual({ outcome: 'no-cluster' });
        expect(await store.find(id)).toBeUndefined();
        expect(await store.removeMember(id, 'a')).toBe('no-cluster');
      });

      it('change in place, and keep the time of joining', async () => {
        const id = await cluster({ members: [member('a'), member('b'), member('c')] });
        const joinedAt = clock.now();
        clock.advance(1_500);
        const next = member('b', 'ready', 'next');
        const changed = { ...next, joinedAt, updatedAt: joinedAt + 1_500 };
        expect(await store.replaceMember(id, 'sealed-b', next)).toEqual({
          outcome: 'replaced',
          member: changed,
        });
        expect(await store.member(id, 'b')).toEqual(changed);
        expect(await handles(id)).toEqual(['a', 'b', 'c']);
      });

      it('do not change if they are not as expected, or are not there', async () => {
        const id = await cluster({ members: [member('a')] });
        const next = member('a', 'ready', 'next');
        expect(await store.replaceMember(id, 'older', next)).toEqual({ outcome: 'changed' });
        expect(await store.replaceMember(id, 'x', member('b'))).toEqual({ outcome: 'missing' });
        expect(await store.replaceMember(unknown(), 'x', next)).toEqual({ outcome: 'missing' });
        expect(await workers(id)).toMatchObject({ joined: 1, ready: 0 });
      });

      it('are removed once, and come last when they join again', async () => {
        const id = await cluster({ members: [member('a'), member('b', 'ready')] });
        expect(await store.removeMember(id, 'a')).toBe('removed');
        expect(await store.removeMember(id, 'a')).toBe('missing');
        expect(await handles(id)).toEqual(['b']);
        await store.addMember(id, member('a'));
        expect(await handles(id)).toEqual(['b', 'a']);
      });

      it('are counted by state, at each change', async () => {
        const id = await cluster({ members: [member('a'), member('b', 'ready')] });
        expect(await workers(id)).toMatchObject({ joined: 2, ready: 1, failed: 0 });
        await store.replaceMember(id, 'sealed-a', member('a', 'failed'));
        expect(await workers(id)).toMatchObject({ joined: 2, ready: 1, failed: 1 });
        await store.replaceMember(id, 'sealed-a', member('a', 'ready'));
        expect(await workers(id)).toMatchObject({ joined: 2, ready: 2, failed: 0 });
        await store.replaceMember(id, 'sealed-a', member('a', 'waiting'));
        await store.removeMember(id, 'b');
        expect(await workers(id)).toMatchObject({ joined: 1, ready: 0, failed: 0 });
        expect(await store.memberCounts(id)).toMatchObject({ revision: 6 });
      });

      it('complete the cluster when as many are ready as are expected, for the first time', async () => {
        const id = await cluster({ expectedWorkers: 2, members: [member('a', 'ready')] });
        clock.advance(1_500);
        await store.addMember(id, member('b', 'failed'));
        expect((await store.find(id))?.completedAt).toBeUndefined();
        clock.advance(1_500);
        const completedAt = clock.now();
        await store.replaceMember(id, 'sealed-b', member('b', 'ready'));
        expect((await store.find(id))?.completedAt).toBe(completedAt);

        clock.advance(1_500);
        await store.removeMember(id, 'a');
        await store.addMember(id, member('a', 'ready'));
        expect((await store.find(id))?.completedAt).toBe(completedAt);
      });

      it('complete no cluster that expects no number of them', async () => {
        const id = await cluster({ members: [member('a', 'ready')] });
        expect((await store.find(id))?.completedAt).toBeUndefined();
      });

      it('have no effect on other clusters, keys or masters', async () => {
        const other = await cluster({ members: [member('a')] });
        const id = await cluster({ keys: [key('a')], members: [member('a', 'ready')] });
        await store.removeMember(id, 'a');
        expect(await handles(other)).toEqual(['a']);
        expect(await store.keys(id)).toEqual([key('a')]);
        expect(await store.find(id)).toMatchObject({ masterChanges: 0, fetches: 0 });
      });

      it('are counted correctly when many join at a time', async () => {
        const id = await cluster({ expectedWorkers: 50 });
        const writers = Array.from({ length: 100 }, (_, n) =>
          member(`m${n % 50}`, 'ready', `${n}`),
        );
        const outcomes = await Promise.all(writers.map((each) => store.addMember(id, each)));
        expect(outcomes.filter(({ outcome }) => outcome === 'added')).toHaveLength(50);
        expect(await store.find(id)).toMatchObject({
          workers: { joined: 50, ready: 50 },
          completedAt: clock.now(),
        });
      });

      it(`are ${MAX_MEMBERS} at most, and one that leaves makes room`, async () => {
        const id = await cluster();
        for (let n = 0; n < MAX_MEMBERS; n += 250) {
          const names = Array.from({ length: 250 }, (_, m) => `m${n + m}`);
          await Promise.all(names.map((name) => store.addMember(id, member(name))));
        }
        expect(await store.addMember(id, member('one-more'))).toEqual({ outcome: 'full' });
        expect(await store.addMember(id, member('m7'))).toMatchObject({ outcome: 'exists' });
        expect(await handles(id)).toHaveLength(MAX_MEMBERS);
        await store.removeMember(id, 'm7');
        expect(await store.addMember(id, member('one-more'))).toMatchObject({ outcome: 'added' });
        await store.end(id);
      }, 30_000);
    });

    describe('expiry', () => {
      it('happens exactly at the end of the lifetime', async () => {
        const id = await cluster({ keys: [key('a')], lifetime: HOUR });
        clock.advance(HOUR - 1);
        expect(await store.find(id)).toBeDefined();
        expect(await store.key(id, 'a')).toMatchObject({ sealed: 'sealed-a' });
        clock.advance(1);
        expect(await store.find(id)).toBeUndefined();
        expect(await store.key(id, 'a')).toBeUndefined();
      });

      it('makes every call answer as if the cluster had never existed', async () => {
        const id = await cluster({ keys: [key('a')], members: [member('a')], lifetime: HOUR });
        clock.advance(HOUR);
        expect(await store.members(id)).toBeUndefined();
        expect(await store.memberCounts(id)).toBeUndefined();
        expect(await store.member(id, 'a')).toBe('no-cluster');
        expect(await store.addMember(id, member('a'))).toEqual({ outcome: 'no-cluster' });
        expect(await store.replaceMember(id, 'sealed-a', member('a'))).toEqual({
          outcome: 'missing',
        });
        expect(await store.removeMember(id, 'a')).toBe('no-cluster');
        expect(await store.keys(id)).toBeUndefined();
        expect(await store.add(id, key('b'))).toEqual({ outcome: 'no-cluster' });
        expect(await store.add(id, key('a'))).toEqual({ outcome: 'no-cluster' });
        expect(await store.replace(id, 'a', 'sealed-a', key('a', 'new'))).toEqual({
          outcome: 'missing',
        });
        expect(await store.remove(id, 'a', 'sealed-a')).toBe('no-cluster');
        expect(await store.end(id)).toBeUndefined();
      });

      it('is prolonged by nothing', async () => {
        const id = await cluster({ lifetime: HOUR });
        clock.advance(HOUR / 2);
        await store.add(id, key('a'));
        await store.replace(id, 'a', 'sealed-a', key('b', 'new'));
        await store.key(id, 'b');
        await store.remove(id, 'b', 'new');
        await store.countSecondMaster(id);
        await store.countFetches(new Map([[id, 1]]));
        await store.markAsked([id]);
        await store.addMember(id, member('a'));
        await store.replaceMember(id, 'sealed-a', member('a', 'ready'));
        clock.advance(HOUR / 2);
        expect(await store.find(id)).toBeUndefined();
      });
    });

    it('reports that it is healthy', async () => {
      expect(await store.check()).toEqual([]);
    });
  });
}
