import type { MemberState } from '../clusters/cluster.js';
import { memberStates } from '../clusters/cluster.js';
import { isAddress, isHostName } from '../rules/host.js';
import { problemOfText } from '../rules/text.js';

/** Long enough for a sentence. The list of a full cluster is sent in one answer. */
export const MAX_DETAIL_LENGTH = 200;

/** What a worker says of itself. */
export interface MemberStatus {
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly state: MemberState;
  /** In its own words, for example why it has failed. */
  readonly detail: string | undefined;
}

/** A worker that has joined its cluster. Times in milliseconds since the epoch. */
export interface Member extends MemberStatus {
  /** A host name in lower case. */
  readonly name: string;
  readonly joinedAt: number;
  /** When it was last changed. */
  readonly updatedAt: number;
}

/** The line of hosts(5) of a member. The addresses in the first column are a host file of MPI. */
export function hostsLineOf({ address, name }: Member): string {
  return `${address} ${name}\n`;
}

/** What is wrong with the name of a member. Undefined when it is valid. */
export function problemOfName(name: string): string | undefined {
  return isHostName(name)
    ? undefined
    : 'Must be a host name (RFC 1123): labels of letters, digits and "-", at most 253 characters.';
}

/** What is wrong with the address of a member. Undefined when it is valid. */
export function problemOfAddress(address: unknown): string | undefined {
  if (address === undefined) return 'This field is required.';
  return typeof address === 'string' && isAddress(address)
    ? undefined
    : 'Must be an IPv4 or IPv6 address.';
}

/** What is wrong with the state of a member. Undefined when it is valid. */
export function problemOfState(state: unknown): string | undefined {
  if (state === undefined) return 'This field is required.';
  return memberStates.includes(state as MemberState)
    ? undefined
    : `Must be one of ${memberStates.join(', ')}.`;
}

/** What is wrong with a detail. A blank one counts as none, because scripts send a variable. Undefined when it is valid. */
export function problemOfDetail(detail: unknown): string | undefined {
  return isBlank(detail) ? undefined : problemOfText(detail, MAX_DETAIL_LENGTH);
}

/** Whether this is a text of spaces only, or of nothing. */
export function isBlank(detail: unknown): boolean {
  return typeof detail === 'string' && /^ *$/.test(detail);
}
