import { signal } from '@preact/signals';
import type { UserData } from '../../../../context/context.ts';
import type { Issuance } from './wire.ts';

/** A PIN of this tab. */
export interface Pin {
  readonly pin: string;
  /** When it was issued: with the hint this tells which record it belongs to. */
  readonly creation_time: string;
}

const PINS = 'pins';
const WATCHED = 'watched-pin';
const BASE = 'base-context';

/** The PINs of this tab. The browser keeps them over a reload, and forgets them with the tab. */
export const pins = signal<readonly Pin[]>((read(PINS) as Pin[] | undefined) ?? []);

export function keepPin(pin: Pin): void {
  pins.value = [pin, ...pins.value.filter((each) => each.pin !== pin.pin)].slice(0, 50);
  sessionStorage.setItem(PINS, JSON.stringify(pins.value));
}

/** The PIN that this tab watches without its record; undefined: none. */
export const watchedPin = signal(read(WATCHED) as Pin | undefined);

export function setWatchedPin(pin: Pin | undefined): void {
  watchedPin.value = pin;
  if (pin === undefined) sessionStorage.removeItem(WATCHED);
  else sessionStorage.setItem(WATCHED, JSON.stringify(pin));
}

/** The PIN of this record, if this tab has it. */
export function pinOf(issuance: Pick<Issuance, 'hint' | 'creation_time'>): Pin | undefined {
  return pins.value.find(
    ({ pin, creation_time }) =>
      pin.startsWith(issuance.hint) && creation_time === issuance.creation_time,
  );
}

/** The PIN in what a person typed or pasted: without blanks and hyphens, in lower case. Undefined if there is none. */
export function parsePin(text: string): string | undefined {
  const pin = text.replaceAll(/[\s\u200B-\u200D\uFEFF\u2010-\u2015-]/g, '').toLowerCase();
  return /^[a-z0-9]{12}$/.test(pin) ? pin : undefined;
}

/** The base context of this tab. */
export function storedBase(): UserData | undefined {
  return read(BASE) as UserData | undefined;
}

export function storeBase(base: UserData): void {
  try {
    sessionStorage.setItem(BASE, JSON.stringify(base));
  } catch {
    // Too large for the browser: it is not kept over a reload.
    sessionStorage.removeItem(BASE);
  }
}

function read(name: string): unknown {
  const text = sessionStorage.getItem(name);
  return text === null ? undefined : JSON.parse(text);
}
