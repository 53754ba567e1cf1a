import { effect, signal } from '@preact/signals';
import { account } from './account.ts';
import { ask, client, isNotFound } from './api.ts';
import { page } from './page.ts';
import { shareStream } from './shared-stream.ts';
import { type Connection, openStream } from './stream.ts';
import { showError } from './toasts.ts';
import type { Issuance } from './wire.ts';

const PAGE_SIZE = 50;
/** The owner that stands for all, in queries. */
export const EVERYONE = '*';

/** The records that this page knows, by id. */
export const issuances = signal<ReadonlyMap<string, Issuance>>(
  byId([...(page.issuances?.issuances ?? []), ...(page.issuance ? [page.issuance] : [])]),
);
/** Whose clusters are followed: those of the user, of all users (`*`) or of one of them. */
export const owner = signal(page.issuance?.owner ?? page.user ?? '');
/** Whose clusters are listed: those of the user or of all users. */
export const listed = signal(page.user ?? '');
/** The state of the stream of {@link owner}. */
export const connection = signal<Connection>('connecting');
/** Where the list goes on, for each owner; null at its end; undefined before it was read. */
const cursors = signal<ReadonlyMap<string, string | null>>(
  new Map(page.issuances ? [[page.user!, page.issuances.next_cursor]] : []),
);

type Message =
  | { readonly event: 'issuance'; readonly data: Issuance }
  | { readonly event: 'synced'; readonly data: { sent: readonly string[]; more: boolean } }
  | { readonly event: 'connection'; readonly data: Connection };

/** Follows the clusters of {@link owner} as they change. */
export function followIssuances(): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && account.value !== 'signed-in') isSignedIn().catch(showError);
  });
  effect(() => {
    if (account.value !== 'signed-in') return;
    const query = owner.value === page.user ? '' : `?owner=${encodeURIComponent(owner.value)}`;
    connection.value = 'connecting';
    return shareStream<Message>(
      `issuances ${page.user} ${owner.value}`,
      (send) => listen(`/api/v1/issuances/events${query}`, send),
      receive,
    );
  });
}

function listen(url: string, send: (message: Message) => void): () => void {
  const sent = new Set<string>();
  return openStream({
    url,
    events: {
      issuance: (data: Issuance) => {
        sent.add(data.id);
        send({ event: 'issuance', data });
      },
      synced: ({ more }: { more: boolean }) => {
        send({ event: 'synced', data: { sent: [...sent], more } });
        sent.clear();
      },
    },
    onConnection: (data) => send({ event: 'connection', data }),
    shouldRetry: isSignedIn,
  });
}

/** Whether the service still lets the user in; if not, {@link account} says why. */
async function isSignedIn(): Promise<boolean> {
  const request = client.GET('/api/v1/issuances', { params: { query: { limit: 1 } } });
  const isLetIn = await ask(request).then(
    () => true,
    () => false,
  );
  if (isLetIn) account.value = 'signed-in'; // perhaps again, by another tab
  return account.value === 'signed-in';
}

function receive(message: Message): void {
  if (message.event === 'issuance') put([message.data]);
  else if (message.event === 'connection') connection.value = message.data;
  else if (!message.data.more) {
    for (const id of unsent(new Set(message.data.sent))) findIssuance(id).catch(showError);
  }
}

/** The clusters that lived when this page saw them last, and that the service no longer sends. */
function unsent(sent: ReadonlySet<string>): string[] {
  return [...issuances.value.values()]
    .filter((each) => each.state !== 'ended' && isFollowed(each) && !sent.has(each.id))
    .map(({ id }) => id);
}

/** Whether the record belongs to the owner whose clusters are followed. */
export function isFollowed(issuance: Issuance): boolean {
  return owner.value === EVERYONE || issuance.owner === owner.value;
}

/** Reads a record. Undefined if there is none for this user. */
export async function findIssuance(id: string): Promise<Issuance | undefined> {
  try {
    const found = await ask(client.GET('/api/v1/issuances/{id}', { params: { path: { id } } }));
    put([found]);
    return found;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    issuances.value = new Map([...issuances.value].filter(([each]) => each !== id));
    return undefined;
  }
}

/** The record of a PIN that was just issued. */
export async function findIssued(pin: string, creationTime: string): Promise<Issuance | undefined> {
  const matches = ({ hint, creation_time }: Issuance) =>
    pin.startsWith(hint) && creation_time === creationTime;
  const known = [...issuances.value.values()].find(matches);
  if (known) return known;
  const query = { limit: 10 };
  const newest = await ask(client.GET('/api/v1/issuances', { params: { query } }));
  put(newest.issuances);
  return newest.issuances.find(matches);
}

/** Whether the list has more than this page has read. */
export function hasOlder(): boolean {
  return cursors.value.get(listed.value) !== null;
}

/** Reads the next page of the list. */
export async function loadOlder(): Promise<void> {
  const whose = listed.value;
  const cursor = cursors.value.get(whose);
  const query = { limit: PAGE_SIZE, owner: whose, ...(cursor && { cursor }) };
  const found = await ask(client.GET('/api/v1/issuances', { params: { query } }));
  put(found.issuances);
  cursors.value = new Map([...cursors.value, [whose, found.next_cursor]]);
}

/** Ends a cluster. Fails with an Error whose message says what to do next. */
export async function revokeIssuance(id: string): Promise<void> {
  await ask(client.DELETE('/api/v1/issuances/{id}', { params: { path: { id } } }));
  await findIssuance(id);
}

function put(changed: readonly Issuance[]): void {
  issuances.value = new Map([...issuances.value, ...byId(changed)]);
}

function byId(all: readonly Issuance[]): Map<string, Issuance> {
  return new Map(all.map((each) => [each.id, each]));
}
