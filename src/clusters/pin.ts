import { randomInt } from 'node:crypto';
import { Param } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { PairingError } from '../errors/pairing-error.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 12;

/** What a PIN looks like: 12 characters of `[a-z0-9]`, 62 bits. */
export const PIN_PATTERN = `^[a-z0-9]{${LENGTH}}$`;
const pinShape = new RegExp(PIN_PATTERN);

/** Whether it looks like a PIN. */
export function isPin(text: string): boolean {
  return pinShape.test(text);
}

/** A PIN nobody can guess: from the system's random source, without modulo bias. */
export function generatePin(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** What stands for a PIN in a path. One of another shape is as unknown as one never issued: `not-found`. */
export function parsePin(text: string): string {
  if (isPin(text)) return text;
  throw new PairingError('not-found');
}

/** The PIN in the path. */
export const Pin = () => Param('pin', { transform: parsePin });

/** Documents the PIN in the path. */
export const ApiPin = () =>
  ApiParam({
    name: 'pin',
    schema: { type: 'string', pattern: PIN_PATTERN, example: 'enico1qq0oey' },
  });
