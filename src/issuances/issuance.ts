import {
  addedAt,
  type Cluster,
  clusterStates,
  MASTER_IP,
  MASTER_READY,
} from '../clusters/cluster.js';

/**
 * The record of a PIN: who had it issued, and what became of its cluster. It goes by the cluster's id.
 * Times in milliseconds since the epoch; null is what has not happened, as far as the record knows.
 */
export interface Issuance {
  /** What the cluster is stored under; says nothing of the PIN. */
  readonly id: string;
  /** All there is of the PIN: its first characters, for its owner to know it by. */
  readonly hint: string;
  readonly owner: string;
  readonly description: string | null;
  /** The client address that the PIN was issued to. */
  readonly address: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When the cluster was last seen alive; null when it may never have come to be. */
  readonly seenAt: number | null;
  readonly masterAt: number | null;
  readonly readyAt: number | null;
  readonly firstFetchedAt: number | null;
  /** When a worker first asked for a master that was not there. */
  readonly askedAt: number | null;
  readonly fetches: number;
  readonly secondMasters: number;
  /** How often the master was replaced or taken away. */
  readonly masterChanges: number;
  /** When it was ended without the PIN, by its owner or an admin. */
  readonly revokedAt: number | null;
  /** When it was ended with the PIN, or was found to have been. */
  readonly deletedAt: number | null;
  /** When the cluster is to be looked at next; null once the record is settled, which is for good. */
  readonly checkAt: number | null;
}

export const HINT_LENGTH = 4;

/** What has become of a cluster at first. */
export const NOTHING_YET = {
  masterAt: null,
  readyAt: null,
  firstFetchedAt: null,
  askedAt: null,
  fetches: 0,
  secondMasters: 0,
  masterChanges: 0,
  revokedAt: null,
  deletedAt: null,
} as const satisfies Partial<Issuance>;

/** How far the cluster has come; `ended` for any reason. */
export const issuanceStates = [...clusterStates, 'ended'] as const;
export type IssuanceState = (typeof issuanceStates)[number];

/** How it ended. `paired` it is as soon as a worker has its master's address. */
export const issuanceOutcomes = [
  'paired',
  'lonely_master',
  'lonely_worker',
  'unused',
  'revoked',
  'deleted',
] as const;
export type IssuanceOutcome = (typeof issuanceOutcomes)[number];

/** What states and outcomes follow from. */
export interface Facts {
  readonly ended: boolean;
  readonly revoked: boolean;
  readonly deleted: boolean;
  readonly master: boolean;
  readonly ready: boolean;
  readonly fetched: boolean;
  readonly asked: boolean;
}

/** Which facts make a state; those left out make no difference. Of all states one is so. */
export const factsOfState: Record<IssuanceState, Partial<Facts>> = {
  issued: { ended: false, ready: false, master: false },
  master_registered: { ended: false, ready: false, master: true },
  ready: { ended: false, ready: true },
  ended: { ended: true },
};

const unpaired = { ended: true, revoked: false, deleted: false, fetched: false };

/** The same for outcomes, of which none is so while it is open how the cluster will end. */
export const factsOfOutcome: Record<IssuanceOutcome, Partial<Facts>> = {
  revoked: { revoked: true },
  deleted: { revoked: false, deleted: true },
  paired: { revoked: false, deleted: false, fetched: true },
  lonely_master: { ...unpaired, master: true },
  lonely_worker: { ...unpaired, master: false, asked: true },
  unused: { ...unpaired, master: false, asked: false },
};

export function stateOf(issuance: Issuance, now: number): IssuanceState {
  return whichIsSo(issuanceStates, factsOfState, factsOf(issuance, now))!;
}

/** Undefined while it is open. */
export function outcomeOf(issuance: Issuance, now: number): IssuanceOutcome | undefined {
  return whichIsSo(issuanceOutcomes, factsOfOutcome, factsOf(issuance, now));
}

/** When it ended; undefined while it lives. */
export function endedAt(issuance: Issuance, now: number): number | undefined {
  return factsOf(issuance, now).ended ? endOf(issuance) : undefined;
}

function factsOf(issuance: Issuance, now: number): Facts {
  return {
    ended: endOf(issuance) <= now,
    revoked: issuance.revokedAt !== null,
    deleted: issuance.deletedAt !== null,
    master: issuance.masterAt !== null,
    ready: issuance.readyAt !== null,
    fetched: issuance.firstFetchedAt !== null,
    asked: issuance.askedAt !== null,
  };
}

function endOf({ revokedAt, deletedAt, expiresAt }: Issuance): number {
  return revokedAt ?? deletedAt ?? expiresAt;
}

function whichIsSo<Name extends string>(
  names: readonly Name[],
  wanted: Record<Name, Partial<Facts>>,
  facts: Facts,
): Name | undefined {
  return names.find((name) =>
    Object.entries(wanted[name]).every(([fact, value]) => facts[fact as keyof Facts] === value),
  );
}

/** What the record takes over from the cluster. */
export function marksOf(cluster: Cluster) {
  return {
    masterAt: addedAt(cluster, MASTER_IP) ?? null,
    readyAt: addedAt(cluster, MASTER_READY) ?? null,
    firstFetchedAt: cluster.firstFetchedAt ?? null,
    askedAt: cluster.askedAt ?? null,
    fetches: cluster.fetches,
    secondMasters: cluster.secondMasters,
    masterChanges: cluster.masterChanges,
  } satisfies Partial<Issuance>;
}
