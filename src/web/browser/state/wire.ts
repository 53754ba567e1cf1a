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
export interface Member {
  readonly name: string;
  readonly address: string;
  readonly state: 'waiting' | 'ready' | 'failed';
  readonly detail: string | null;
  readonly joined_time: string;
  readonly updated_time: string;
}

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
