import type { components } from '../../../../client/schema.ts';

type Schemas = components['schemas'];

/** The record of a PIN and of its cluster. */
export type Issuance = Schemas['IssuanceInfo'];

/** The state of a cluster in its event stream. */
export type Snapshot = Schemas['ClusterSnapshot'];

/** How many workers are expected (null: not given), and how far those are that report themselves. */
export type Workers = Schemas['WorkersInfo'];

/** A worker that reports itself. */
export type Member = Schemas['MemberItem'];
