import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { MAX_WORKERS } from '../context/context.ts';

export const serviceOption = new Option(
  '--service <url>',
  'the pairing service; else that of the last login',
).env('PAIRING_URL');

export const tokenOption = new Option(
  '--token <token>',
  'a bearer token instead of the sign-in; other users of the host can see it here, but not in the variable',
).env('PAIRING_TOKEN');

export const jsonOption = new Option('--json', 'print JSON');

export const CLUSTER = 'the PIN, the id, or the first 4 characters of the PIN; else $PAIRING_PIN';

/** Parses the expected number of workers of a cluster. */
export function parseWorkers(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > MAX_WORKERS) {
    throw new InvalidArgumentError(`Give a number from 1 to ${MAX_WORKERS}.`);
  }
  return Number(text);
}
