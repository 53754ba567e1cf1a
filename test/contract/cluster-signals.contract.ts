import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenStorage } from '../../src/storage/storage.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { until } from '../support/process.js';
import { type StoreUnderTest, unknown } from './cluster-store.contract.js';

const key = (name: string, sealed = 'x') => ({ name, sealed });
const member = (handle: string, sealed = 'x') => ({ handle, sealed, state: 'waiting' as const });

/** That every change of a store is signalled, on the replicas that share its storage. */
export function describeClusterSignals(underTest: StoreUnderTest, replicas: number): void {
  describe(`The signals of ${underTest.name}`, () => {
    const clock = new MovableClock(Date.now());
    const cleanUp: (() => Promise<void>)[] = [];
    const storages: Pick<OpenStorage, 'clusters'>[] = [];
    const heard: string[][] = [];

    beforeAll(async () => {
      const { open, stop } = await underTest.start(clock);
      for (let n = 0; n < replicas; n++) {
        const storage = await open();
        const mine: string[] = [];
        storage.signals.listen({
          changed: (id, change) => mine.push(`${id} ${change}`),
          signalsLost: () => undefined,
        });
        storages.push(storage);
        heard.push(mine);
        cleanUp.push(storage.close);
      }
      cleanUp.push(stop);
    });
    afterAll(async () => {
      for (const each of cleanUp) await each();
    });

    it('report each change once, in order, on every replica, and nothing else', async () => {
      const { clusters } = storages[0]!;
      const id = unknown();
      const lifetime = { createdAt: clock.now(), expiresAt: clock.now() + HOUR };
      await clusters.create(id, lifetime);
      await clusters.create(id, lifetime);
      await clusters.add(id, key('a'));
      await clusters.add(id, key('a'));
      await clusters.replace(id, 'a', 'other', key('b'));
      await clusters.replace(id, 'a', 'x', key('a', 'y'));
      await clusters.replace(id, 'a', 'y', key('b'));
      await clusters.remove(id, 'a', 'y');
      await clusters.remove(id, 'b', 'x');
      await clusters.addMember(id, member('a'));
      await clusters.addMember(id, member('a'));
      await clusters.replaceMember(id, 'other', member('a'));
      await clusters.replaceMember(id, 'x', member('a', 'y'));
      await clusters.removeMember(id, 'a');
      await clusters.removeMember(id, 'a');
      await clusters.countSecondMaster(id);
      await clusters.countFetches(
        new Map([
          [id, 2],
          [unknown(), 2],
        ]),
      );
      await clusters.end(id);
      await clusters.end(id);
      const expected = [
        'created',
        'key:a',
        'key:a',
        'key:a',
        'key:b',
        'key:b',
        'members',
        'members',
        'members',
        'second-master',
        'fetches',
        'end',
      ].map((change) => `${id} ${change}`);
      for (const mine of heard) {
        await until('the end to be heard', () => mine.includes(`${id} end`));
        expect(mine).toEqual(expected);
      }
    });
  });
}
