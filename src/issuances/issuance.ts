import {
  addedAt,
  type Cluster,
  clusterStates,
  failedAt,
  MASTER_IP,
  MASTER_READY,
} from '../clusters/cluster.js';

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
  /** When the master failed; null also when it was ready later. */
  readonly failedAt: number | null;
  readonly firstFetchedAt: number | null;
  /** When a worker first asked for a master that was not there. */
  readonly askedAt: number | null;
  /** Null when its owner did not say. */
  readonly expectedWorkers: number | null;
  /** The members in any state, and those in two states. Old images are not members: `fetches` counts them. */
  readonly joinedWorkers: number;
  readonly readyWorkers: number;
  readonly failedWorkers: number;
  /** When as many workers were ready as are expected, for the first time. */
  readonly completedAt: number | null;
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
  failedAt: null,
  firstFetchedAt: null,
  askedAt: null,
  expectedWorkers: null,
  joinedWorkers: 0,
  readyWorkers: 0,
  failedWorkers: 0,
  completedAt: null,
  fetches: 0,
  secondMasters: 0,
  masterChanges: 0,
  revokedAt: null,
  deletedAt: null,
} as const satisfies Partial<Issuance>;

/** How far the cluster has come; `ended` for any reason. */
export const issuanceStates = [...clusterStates, 'ended'] as const;
export type IssuanceState = (typeof issuanceStates)[number];

/** How a cluster ended. It is `paired` as soon as its workers have met their master: `docs/issuances.md`. */
export const issuanceOutcomes = [
  'paired',
  'incomplete',
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
  /** A master registered, or failed before that. */
  readonly master: boolean;
  readonly ready: boolean;
  readonly failed: boolean;
  /** A worker fetched the address of its master, or was ready. */
  readonly met: boolean;
  /** A worker asked for a master that was not there, or joined. */
  readonly asked: boolean;
  /** Fewer workers came than are expected. */
  readonly short: boolean;
}

/** The facts of each state; other facts do not matter. Exactly one state matches. */
export const factsOfState: Record<IssuanceState, Partial<Facts>> = {
  issued: { ended: false, ready: false, failed: false, master: false },
  master_registered: { ended: false, ready: false, failed: false, master: true },
  ready: { ended: false, ready: true },
  failed: { ended: false, ready: false, failed: true },
  ended: { ended: true },
};

const undisturbed = { revoked: false, deleted: false };
const unpaired = { ...undisturbed, ended: true, met: false };

/** The facts of each outcome. None matches as long as the outcome is not known. */
export const factsOfOutcome: Record<IssuanceOutcome, Partial<Facts>> = {
  revoked: { revoked: true },
  deleted: { revoked: false, deleted: true },
  paired: { ...undisturbed, met: true, short: false },
  incomplete: { ...undisturbed, ended: true, met: true, short: true },
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
    master: issuance.masterAt !== null || issuance.failedAt !== null,
    ready: issuance.readyAt !== null,
    failed: issuance.failedAt !== null,
    met:
      issuance.firstFetchedAt !== null ||
      issuance.readyWorkers > 0 ||
      issuance.completedAt !== null,
    asked: issuance.askedAt !== null || issuance.joinedWorkers > 0,
    short: isShort(issuance),
  };
}

/**
 * Whether fewer workers came than are expected. Workers that join are counted as such. Where none has joined, all are
 * of old images, and their fetches are counted. A cluster that was complete once stays so.
 */
function isShort({ expectedWorkers, completedAt, joinedWorkers, fetches }: Issuance): boolean {
  if (expectedWorkers === null || completedAt !== null) return false;
  return (joinedWorkers > 0 ? joinedWorkers : fetches) < expectedWorkers;
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
    failedAt: failedAt(cluster) ?? null,
    firstFetchedAt: cluster.firstFetchedAt ?? null,
    askedAt: cluster.askedAt ?? null,
    expectedWorkers: cluster.workers.expected ?? null,
    joinedWorkers: cluster.workers.joined,
    readyWorkers: cluster.workers.ready,
    failedWorkers: cluster.workers.failed,
    completedAt: cluster.completedAt ?? null,
    fetches: cluster.fetches,
    secondMasters: cluster.secondMasters,
    masterChanges: cluster.masterChanges,
  } satisfies Partial<Issuance>;
}
