import { isIP } from 'node:net';
import { Param } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { MASTER_IP } from '../clusters/cluster.js';
import { PairingError } from '../errors/pairing-error.js';
import { problemOfLine, problemOfText } from '../http/rule.js';

export const MAX_NAME_LENGTH = 100;
export const MAX_VALUE_LENGTH = 1000;

/** What a key may be called. */
export const NAME_PATTERN = '^[a-zA-Z0-9_-]+$';
const nameShape = new RegExp(NAME_PATTERN);

/** A key with its value, both in clear. */
export interface Key {
  readonly key: string;
  readonly value: string;
}

/** What is wrong with a key's name. */
export function problemOfName(name: unknown): string | undefined {
  return (
    problemOfText(name, MAX_NAME_LENGTH) ??
    (nameShape.test(String(name)) ? undefined : 'Use letters, digits, "_" and "-" only.')
  );
}

/** What is wrong with a value, whatever its key. Boot scripts read one line and paste it into sed. */
export function problemOfValue(value: unknown): string | undefined {
  return problemOfLine(value, MAX_VALUE_LENGTH);
}

/**
 * What is wrong with a value under this very key. Images in the field paste the master's address into
 * sed unescaped: it must be an address or a host name and nothing else.
 */
export function problemOfKey({ key, value }: Key): string | undefined {
  return key !== MASTER_IP || isAddress(value) || isHostName(value)
    ? undefined
    : 'master_ip must be an IPv4 or IPv6 address or an RFC 1123 host name.';
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

/** What stands for a key's name in a path. A malformed one is as unknown as a missing one: `not-found`. */
export function parseName(text: string): string {
  if (problemOfName(text) === undefined) return text;
  throw new PairingError('not-found');
}

/** The name of the key in the path. */
export const KeyName = () => Param('key', { transform: parseName });

/** Documents the name of the key in the path. */
export const ApiKeyName = () =>
  ApiParam({
    name: 'key',
    schema: {
      type: 'string',
      pattern: NAME_PATTERN,
      maxLength: MAX_NAME_LENGTH,
      example: 'master_ip',
    },
  });
