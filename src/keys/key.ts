import { MASTER_IP } from '../clusters/cluster.js';
import { PairingError } from '../errors/pairing-error.js';
import { isAddress, isHostName } from '../rules/host.js';
import { problemOfText } from '../rules/text.js';

export const MAX_NAME_LENGTH = 100;
export const MAX_VALUE_LENGTH = 1000;

/** The pattern of a key's name. */
export const NAME_PATTERN = '^[a-zA-Z0-9_-]+$';
const nameShape = new RegExp(NAME_PATTERN);

/** The name of a key and its value in clear. */
export interface KeyValue {
  readonly name: string;
  readonly value: string;
}

/** What is wrong with the name of a key. Undefined when it is valid. */
export function problemOfName(name: unknown): string | undefined {
  if (typeof name === 'string' && name.trim() !== '' && !nameShape.test(name)) {
    return 'Use letters, digits, "_" and "-" only.';
  }
  return problemOfText(name, MAX_NAME_LENGTH);
}

/** What is wrong with a value, whatever its key. Boot scripts read one line and paste it into sed. Undefined when it is valid. */
export function problemOfValue(value: unknown): string | undefined {
  return problemOfText(value, MAX_VALUE_LENGTH);
}

/**
 * What is wrong with a value under this name. Field images paste the master's address into sed unescaped, so
 * only an address or a host name is allowed. Undefined when it is valid.
 */
export function problemOfKey({ name, value }: KeyValue): string | undefined {
  return name !== MASTER_IP || isAddress(value) || isHostName(value)
    ? undefined
    : 'master_ip must be an IPv4 or IPv6 address or an RFC 1123 host name.';
}

/** Removes blanks around the master's address, which are frequent (the output of `hostname -I` ends in one). */
export function trimAddress(key: KeyValue): KeyValue {
  return key.name === MASTER_IP ? { ...key, value: key.value.replace(/^ +| +$/g, '') } : key;
}

/** Parses the name of a key in a path. Fails with `not-found` when it is not valid, as for a missing key. */
export function parseName(text: string): string {
  if (problemOfName(text) === undefined) return text;
  throw new PairingError('not-found');
}
