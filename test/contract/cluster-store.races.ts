import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MASTER_IP, MASTER_READY, memberStates } from '../../src/clusters/cluster.js';
import type {
  AddMemberOutcome,
  AddOutcome,
  ClusterStore,
  SealedKey,
  SealedMember,
} from '../../src/clusters/cluster.store.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { type StoreUnderTest, unknown } from './cluster-store.contract.js';
import { ModelClusterStore } from './model-cluster.store.js';

const RACES = 1_000;
const LIFETIME = 4 * HOUR;

/** One step in the life of a cluster. */
type Step =
  | { do: 'add'; key: SealedKey }
  | { do: 'replace'; name: string; expected: string; next: SealedKey }
  | { do: 'remove'; name: string; expected: string }
  | { do: 'add member'; member: SealedMember }
  | { do: 'replace member'; expected: string; next: SealedMember }
  | { do: 'remove member'; handle: string }
  | { do: 'count second master' }
  | { do: 'count fetches'; count: number }
  | { do: 'mark asked' }
  | { do: 'end' }
  | { do: 'wait'; ms: number };

const name = fc.constantFrom(MASTER_IP, MASTER_READY, 'other');
const sealed = fc.constantFrom('one', 'two', 'three');
const key: fc.Arbitrary<SealedKey> = fc.record({ name, sealed });
const handle = fc.constantFrom('a', 'b', 'c');
const member: fc.Arbitrary<SealedMember> = fc.record({
  handle,
  state: fc.constantFrom(...memberStates),
  sealed,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add member'), member }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('replace member'), expected: sealed, next: member }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove member'), handle }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add'), key }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('replace'), name, expected: sealed, next: key }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('remove'), name, expected: sealed }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('count second master') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('count fetches'),
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mark asked') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.nat(LIFETIME / 2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end') }) },
);

/** Which of the two replicas is asked. */
const replica = fc.constantFrom(0, 1);
const history = fc.array(fc.tuple(replica, step), { maxLength: 12 });
const masters = fc.array(fc.tuple(replica, fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3')), {
  minLength: 2,
  maxLength: 8,
});

const joiners = fc.array(fc.tuple(replica, member), { minLength: 2, maxLength: 8 });

/** Two replicas on one storage behave like one state machine under concurrent operations. */
export function describeRaces(underTest: StoreUnderTest): void {
  describe(`Two replicas on ${underTest.name}`, () => {
    const clock = new MovableClock(Date.now());
    const model = new ModelClusterStore(clock);
    const cleanUp: (() => Promise<void>)[] = [];
    let replicas: ClusterStore[];

    beforeAll(async () => {
      const { open, stop } = await underTest.start(clock);
      const opened = [await open(), await open()];
      replicas = opened.map(({ clusters }) => clusters);
      cleanUp.push(...opened.map(({ close }) => close), stop);
    });
    afterAll(async () => {
      for (const each of cleanUp) await each();
    });

    async function create(): Promise<string> {
      const id = unknown();
      const created = { createdAt: clock.now(), expiresAt: clock.now() + LIFETIME };
      const expectedWorkers = 2; // of the three that there may be
      for (const store of [model, replicas[0]!]) {
        await store.create(id, { ...created, expectedWorkers });
      }
      return id;
    }

    /** Takes the steps with the model as well, and compares after each what was said. */
    async function live(id: string, steps: [number, Step][]): Promise<void> {
      for (const [replica, step] of steps) {
        const said = await take(replicas[replica]!, id, step);
        expect(said).toEqual(await take(model, id, step));
        clock.advance(step.do === 'wait' ? step.ms : 0);
      }
    }

    async function expectAlike(id: string): Promise<void> {
      for (const store of replicas) {
        expect(await store.find(id)).toEqual(await model.find(id));
        expect(await store.keys(id)).toEqual(await model.keys(id));
        expect(await store.memberCounts(id)).toEqual(await model.memberCounts(id));
      }
    }

    it(`accept one of the racing masters, in ${RACES} races`, async () => {
      await fc.assert(
        fc.asyncProperty(history, masters, history, async (before, racers, after) => {
          const id = await create();
          await live(id, before);

          const outcomes = await Promise.all(
            racers.map(([replica, sealed]) =>
              replicas[replica]!.add(id, { name: MASTER_IP, sealed }),
            ),
          );
          // The model races in the order that the storage chose: the winner, if any, and the rest.
          const winner = racers[outcomes.findIndex(({ outcome }) => outcome === 'added')];
          const inModel = [winner, ...racers.filter((racer) => racer !== winner)];
          const expected: AddOutcome[] = [];
          for (const racer of inModel) {
            if (racer) expected.push(await model.add(id, { name: MASTER_IP, sealed: racer[1] }));
          }
          expect(sorted(outcomes)).toEqual(sorted(expected));

          await expectAlike(id);
          await live(id, after);
          await expectAlike(id);
        }),
        { numRuns: RACES },
      );
    }, 120_000);

    it(`list each of the racing members once, as the first of them joined, in ${RACES} races`, async () => {
      await fc.assert(
        fc.asyncProperty(history, joiners, history, async (before, racers, after) => {
          const id = await create();
          await live(id, before);

          const outcomes = await Promise.all(
            racers.map(([replica, racer]) => replicas[replica]!.addMember(id, racer)),
          );
          // The model admits them in the order that the storage chose, and then the rest.
          const order = ((await replicas[0]!.members(id))?.members ?? []).map(
            ({ handle }) => handle,
          );
          const wins = outcomes.map(({ outcome }) => outcome === 'added');
          const winners = racers
            .filter((_, n) => wins[n])
            .toSorted(
              ([, one], [, other]) => order.indexOf(one.handle) - order.indexOf(other.handle),
            );
          const expected: AddMemberOutcome[] = [];
          for (const [, racer] of [...winners, ...racers.filter((_, n) => !wins[n])]) {
            expected.push(await model.addMember(id, racer));
          }
          expect(sorted(outcomes)).toEqual(sorted(expected));

          expect(await replicas[1]!.members(id)).toEqual(await model.members(id));
          await live(id, after);
          await expectAlike(id);
          expect(await replicas[1]!.members(id)).toEqual(await model.members(id));
        }),
        { numRuns: RACES },
      );
    }, 120_000);
  });
}

function sorted(outcomes: (AddOutcome | AddMemberOutcome)[]): string[] {
  return outcomes.map((outcome) => JSON.stringify(outcome)).toSorted();
}

/** Takes a step and gives what the store said. */
async function take(store: ClusterStore, id: string, step: Step): Promise<unknown> {
  switch (step.do) {
    case 'add':
      return store.add(id, step.key);
    case 'replace':
      return store.replace(id, step.name, step.expected, step.next);
    case 'remove':
      return store.remove(id, step.name, step.expected);
    case 'add member':
      return store.addMember(id, step.member);
    case 'replace member':
      return store.replaceMember(id, step.expected, step.next);
    case 'remove member':
      return store.removeMember(id, step.handle);
    case 'count second master':
      return store.countSecondMaster(id);
    case 'count fetches':
      return store.countFetches(new Map([[id, step.count]]));
    case 'mark asked':
      return store.markAsked([id]);
    case 'end':
      return store.end(id);
    case 'wait':
      return undefined;
  }
}
