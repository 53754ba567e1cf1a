/** What pairing writes into a context. */
export interface Pairing {
  readonly pin: string;
  readonly serviceUrl: string;
}

export type Role = 'master' | 'worker';

/** Workers replace it by the address of their master. */
export const PLACEHOLDER = '###MASTER_IP_PLACEHOLDER###';
