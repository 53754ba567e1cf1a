import type { components } from '../../../../client/schema.ts';

type Schemas = components['schemas'];

/** How many workers are expected (null: not given), and how far those are that report themselves. */
export interface Workers {
  readonly expected: number | null;
  readonly joined: number;
  readonly ready: number;
  readonly failed: number;
}

/** A worker that reports itself. */
export type Member = Schemas['MemberItem'];

type State = Schemas['IssuanceInfo']['state'] | 'failed';
type Outcome = NonNullable<Schemas['IssuanceInfo']['outcome']> | 'incomplete';

/** The record of a PIN and of its cluster. */
export type Issuance = Omit<Schemas['IssuanceInfo'], 'state' | 'outcome'> & {
  readonly state: State;
  readonly outcome: Outcome | null;
  readonly workers?: Workers;
  readonly completed_time?: string | null;
};

/** The state of a cluster in its event stream. */
export type Snapshot = Omit<Schemas['ClusterSnapshot'], 'state'> & {
  readonly state: Exclude<State, 'ended'>;
  readonly workers?: Workers;
  readonly completed_time?: string | null;
};
