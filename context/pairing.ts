/** What pairing writes into a context. */
export interface Pairing {
  readonly pin: string;
  readonly serviceUrl: string;
  /** The expected number of workers, if it is known. */
  readonly workers?: number | undefined;
}

export type Role = 'master' | 'worker';

/** Workers replace it by the address of their master. */
export const PLACEHOLDER = '###MASTER_IP_PLACEHOLDER###';

/** A master replaces it by the addresses of its workers, with commas between them. */
export const WORKERS_PLACEHOLDER = '###WORKER_IPS_PLACEHOLDER###';

/** The most workers that a cluster has. */
export const MAX_WORKERS = 5000;

/** Each of the two. */
export const PLACEHOLDERS = /###(?:MASTER_IP|WORKER_IPS)_PLACEHOLDER###/g;
