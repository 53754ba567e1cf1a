import type { Issuance } from '../client/client.ts';
import { CommandError, exitCodes, usageError } from './exit-codes.ts';
import { connect, connectSignedIn, type Service } from './service.ts';

const PIN = /^[a-z0-9]{12}$/;
const HINT = /^[a-z0-9]{4}$/;
const ID = /^[\w-]{16,64}$/;
const PAGE = 100;
/** A cluster lives for a day at most. The hour is for clocks that differ. */
const LONGEST_LIFE_MS = 25 * 3_600_000;

/** The cluster that a command is about, by its PIN or by its record. */
export type Target =
  | { readonly pin: string; readonly service: Service }
  | { readonly id: string; readonly service: Service };

interface TargetOptions {
  readonly service?: string | undefined;
  readonly token?: string | undefined;
}

/** Finds the cluster that the user means. With a PIN no sign-in is needed. */
export async function targetOf(given: string | undefined, options: TargetOptions): Promise<Target> {
  const name = (given ?? process.env['PAIRING_PIN'] ?? '').replace(/…$/, '');
  if (PIN.test(name)) return { pin: name, service: await connect(options) };
  if (!HINT.test(name) && !ID.test(name)) {
    throw usageError(
      name === ''
        ? 'Which cluster? Give its PIN or its id, or set PAIRING_PIN.'
        : `${name} is neither a PIN (12 characters of a-z and 0-9), nor the first 4 of one, nor an id.`,
    );
  }
  const service = await connectSignedIn(options);
  return { id: HINT.test(name) ? await idByHint(service, name) : name, service };
}

/** The records of the user's PINs, newest first. Pages are read as needed. */
export async function* issuancesOf(
  { client, ask }: Service,
  query: Readonly<Record<string, string>> = {},
): AsyncGenerator<Issuance> {
  let cursor: string | null = null;
  do {
    const page: { issuances: Issuance[]; next_cursor: string | null } = await ask(
      client.GET('/api/v1/issuances', {
        params: { query: { ...query, limit: PAGE, ...(cursor !== null && { cursor }) } },
      }),
    );
    yield* page.issuances;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

/** The record with this id. */
export async function findIssuance({ client, ask }: Service, id: string): Promise<Issuance> {
  try {
    return await ask(client.GET('/api/v1/issuances/{id}', { params: { path: { id } } }));
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === exitCodes.gone) throw noSuchCluster();
    throw error;
  }
}

async function idByHint(service: Service, hint: string): Promise<string> {
  const found: string[] = [];
  const since = new Date(Date.now() - LONGEST_LIFE_MS).toISOString();
  for await (const issuance of issuancesOf(service, { since })) {
    if (issuance.hint === hint && issuance.state !== 'ended') found.push(issuance.id);
  }
  const [id] = found;
  if (id === undefined) throw noSuchCluster();
  if (found.length > 1) {
    throw usageError(`Several of your PINs begin with ${hint}. Give the id: ${found.join(', ')}`);
  }
  return id;
}

function noSuchCluster(): CommandError {
  return new CommandError(
    'None of your living clusters has this id or PIN. See: cernvm-pairing list',
    exitCodes.gone,
  );
}
