import { addedAt, type Cluster, MASTER_IP, MASTER_READY } from '../clusters/cluster.js';

/**
 * The record of an issued PIN: its owner and the history of its cluster. Its id is the id of the cluster. Times in
 * milliseconds since the epoch; null while it has not happened, as far as the record knows.
 */
export interface Issuance {
  /** The id under which the cluster is stored, which does not reveal the PIN. */
  readonly id: string;
  /** The first characters of the PIN, by which its owner recognises it. The rest is not stored. */
  readonly hint: string;
  readonly owner: string;
  readonly description: string | null;
  /** The client address that the PIN was issued to. */
  readonly address: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When the cluster was last seen alive; null if it may never have been created. */
  readonly seenAt: number | null;
  readonly masterAt: number | null;
  readonly readyAt: number | null;
  readonly firstFetchedAt: number | null;
  /** When a worker first asked for a master that was not there. */
  readonly askedAt: number | null;
  readonly fetches: number;
  readonly secondMasters: number;
  /** How often the master was replaced or removed. */
  readonly masterChanges: number;
  /** When it was ended without the PIN, by its owner or an admin. */
  readonly revokedAt: number | null;
  /** When it was ended with the PIN, or when that was noticed. */
  readonly deletedAt: number | null;
  /** When the cluster is to be checked next; null once the record is settled, which is final. */
  readonly checkAt: number | null;
}

export const HINT_LENGTH = 4;

/** The marks of a new cluster. */
export const INITIAL_MARKS = {
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
export const issuanceStates = ['issued', 'master_registered', 'ready', 'ended'] as const;
export type IssuanceState = (typeof issuanceStates)[number];

/** How a cluster ended. It is `paired` as soon as a worker has fetched its master's address. */
export const issuanceOutcomes = [
  'paired',
  'lonely_master',
  'lonely_worker',
  'unused',
  'revoked',
  'deleted',
] as const;
export type IssuanceOutcome = (typeof issuanceOutcomes)[number];

/** The facts from which states and outcomes follow. */
export interface Facts {
  readonly ended: boolean;
  readonly revoked: boolean;
  readonly deleted: boolean;
  readonly master: boolean;
  readonly ready: boolean;
  readonly fetched: boolean;
  readonly asked: boolean;
}

/** The facts of each state; other facts do not matter. Exactly one state matches. */
export const factsOfState: Record<IssuanceState, Partial<Facts>> = {
  issued: { ended: false, ready: false, master: false },
  master_registered: { ended: false, ready: false, master: true },
  ready: { ended: false, ready: true },
  ended: { ended: true },
};

const unpaired = { ended: true, revoked: false, deleted: false, fetched: false };

/** The facts of each outcome. None matches as long as the outcome is not known. */
export const factsOfOutcome: Record<IssuanceOutcome, Partial<Facts>> = {
  revoked: { revoked: true },
  deleted: { revoked: false, deleted: true },
  paired: { revoked: false, deleted: false, fetched: true },
  lonely_master: { ...unpaired, master: true },
  lonely_worker: { ...unpaired, master: false, asked: true },
  unused: { ...unpaired, master: false, asked: false },
};

export function stateOf(issuance: Issuance, now: number): IssuanceState {
  return firstMatch(issuanceStates, factsOfState, factsOf(issuance, now))!;
}

/** The outcome. Undefined as long as it is not known. */
export function outcomeOf(issuance: Issuance, now: number): IssuanceOutcome | undefined {
  return firstMatch(issuanceOutcomes, factsOfOutcome, factsOf(issuance, now));
}

/** When the cluster ended. Undefined while it is live. */
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

function firstMatch<Name extends string>(
  names: readonly Name[],
  wanted: Record<Name, Partial<Facts>>,
  facts: Facts,
): Name | undefined {
  return names.find((name) =>
    Object.entries(wanted[name]).every(([fact, value]) => facts[fact as keyof Facts] === value),
  );
}

/** The marks of a cluster that are copied into its record. */
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
