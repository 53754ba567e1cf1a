import { isIP } from 'node:net';
import { MASTER_IP } from '../clusters/cluster.js';
import { PairingError } from '../errors/pairing-error.js';
import { problemOfText } from '../http/rule.js';

export const MAX_NAME_LENGTH = 100;
export const MAX_VALUE_LENGTH = 1000;

/** What a key may be called. */
export const NAME_PATTERN = '^[a-zA-Z0-9_-]+$';
const nameShape = new RegExp(NAME_PATTERN);

/** A key by its name, with its value in clear. */
export interface KeyValue {
  readonly name: string;
  readonly value: string;
}

/** What is wrong with a key's name. */
export function problemOfName(name: unknown): string | undefined {
  if (typeof name === 'string' && name.trim() !== '' && !nameShape.test(name)) {
    return 'Use letters, digits, "_" and "-" only.';
  }
  return problemOfText(name, MAX_NAME_LENGTH);
}

/** What is wrong with a value, under any name. Boot scripts read one line and paste it into sed. */
export function problemOfValue(value: unknown): string | undefined {
  return problemOfText(value, MAX_VALUE_LENGTH);
}

/**
 * What is wrong with a value under this name. Images in the field paste the master's address into
 * sed unescaped: it must be an address or a host name and nothing else.
 */
export function problemOfKey({ name, value }: KeyValue): string | undefined {
  return name !== MASTER_IP || isAddress(value) || isHostName(value)
    ? undefined
    : 'master_ip must be an IPv4 or IPv6 address or an RFC 1123 host name.';
}

/** The key as it is stored: an address is often written with blanks around it (`hostname -I` ends in one). */
export function trimAddress(key: KeyValue): KeyValue {
  return key.name === MASTER_IP ? { ...key, value: key.value.replace(/^ +| +$/g, '') } : key;
}

/** An IP address, without a zone: that means something to its own host only. */
function isAddress(value: string): boolean {
  return isIP(value) !== 0 && !value.includes('%');
}

/** RFC 1123, section 2.1; a last label of digits would be a broken IPv4 address. */
function isHostName(value: string): boolean {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
  const labels = value.split('.');
  return (
    value.length <= 253 && labels.every((each) => label.test(each)) && !/^\d+$/.test(labels.at(-1)!)
  );
}

/** The name of a key that is given in a path. Fails with `not-found` when it breaks a rule, as if it were missing. */
export function parseName(text: string): string {
  if (problemOfName(text) === undefined) return text;
  throw new PairingError('not-found');
}
