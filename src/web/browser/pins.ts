import type { Issuance } from '../../../client/client.ts';
import { ask, byId, client, showError, showMessage } from './dom.js';

let next: string | null = null;
let asked = 0;

/** Lists the newest PINs. */
export function listPins(): Promise<void> {
  return list(null);
}

/** Adds the next page to the list. */
export function listOlderPins(): Promise<void> {
  return list(next);
}

async function list(cursor: string | null): Promise<void> {
  const number = ++asked;
  const isEveryone = byId<HTMLInputElement>('everyone').checked;
  const query = { limit: 20, ...(cursor && { cursor }), ...(isEveryone && { owner: '*' }) };
  try {
    const page = await ask(client.GET('/api/v1/issuances', { params: { query } }));
    if (number !== asked) return; // a later request will show its own answer
    const rows = page.issuances.map(row);
    if (cursor) byId('pins').append(...rows);
    else byId('pins').replaceChildren(...rows);
    next = page.next_cursor;
    byId('more').hidden = next === null;
    const isEmpty = byId('pins').childElementCount === 0;
    byId('no-pins').hidden = !isEmpty;
    byId('table').hidden = isEmpty;
    byId('pins-section').hidden = false;
  } catch (error) {
    showError(error);
  }
}

/** How a cluster ended, in words. */
const outcomes: Readonly<Record<string, string>> = {
  paired: 'ended: paired',
  lonely_master: 'ended: no worker came',
  lonely_worker: 'ended: no master came',
  unused: 'ended: never used',
  revoked: 'ended: revoked',
  deleted: 'ended: deleted',
};

function row(issuance: Issuance): HTMLTableRowElement {
  const { hint, owner, description, state } = issuance;
  const result = document.createElement('tr');
  for (const text of [`${hint}…`, owner, description ?? '']) result.insertCell().textContent = text;
  result.insertCell().append(...stateOf(issuance));
  const action = result.insertCell();
  if (state === 'ended') return result;
  const button = document.createElement('button');
  button.className = 'quiet';
  button.textContent = 'Revoke';
  button.setAttribute('aria-label', `Revoke ${hint}…`);
  button.addEventListener('click', () => {
    revoke(issuance).catch(showError);
  });
  action.append(button);
  return result;
}

function stateOf(issuance: Issuance): HTMLElement[] {
  const { state, outcome, second_masters, master_changes, expiration_time, end_time } = issuance;
  const line = (words: string, className = '') => {
    const element = document.createElement('div');
    element.textContent = words;
    element.className = className;
    return element;
  };
  const until = new Date(end_time ?? expiration_time);
  const words = state === 'ended' ? outcomes[outcome ?? ''] : state.replaceAll('_', ' ');
  return [
    line(words ?? state),
    ...(second_masters > 0 ? [line('second master', 'problem')] : []),
    ...(master_changes > 0 ? [line('master changed', 'problem')] : []),
    line(`until ${until.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}`, 'small'),
  ];
}

async function revoke({ id, hint }: Issuance): Promise<void> {
  if (!confirm(`End the cluster of PIN ${hint}… now? Its machines can no longer pair.`)) return;
  try {
    await ask(client.DELETE('/api/v1/issuances/{id}', { params: { path: { id } } }));
    showMessage('');
    await listPins();
  } catch (error) {
    showError(error);
  }
}
