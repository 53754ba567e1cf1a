import { randomInt } from 'node:crypto';
import { PairingError } from '../errors/pairing-error.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
export const PIN_LENGTH = 12;

/** The shape of a PIN: 12 characters of `[a-z0-9]`, 62 bits. */
export const PIN_PATTERN = `^[a-z0-9]{${PIN_LENGTH}}$`;
const pinShape = new RegExp(PIN_PATTERN);

/** Whether a text has the shape of a PIN. */
export function isPin(text: string): boolean {
  return pinShape.test(text);
}

/** Generates a PIN from the system's random source, without modulo bias. */
export function generatePin(): string {
  return Array.from({ length: PIN_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Parses the PIN in a path. Fails with `not-found` when it has another shape, as for an unknown PIN. */
export function parsePin(text: string): string {
  if (isPin(text)) return text;
  throw new PairingError('not-found');
}
