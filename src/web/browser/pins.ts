import { ask, byId, say, sayWhy } from './dom.js';

interface Issuance {
  id: string;
  hint: string;
  owner: string;
  description: string | null;
  state: string;
  outcome: string | null;
  expiration_time: string;
  second_masters: number;
}
interface Page {
  issuances: Issuance[];
  next_cursor: string | null;
}

let next: string | null = null;

/** Lists the newest PINs. */
export function listPins(): Promise<void> {
  return list(null);
}

/** Lists the page after those that are listed. */
export function listOlderPins(): Promise<void> {
  return list(next);
}

async function list(cursor: string | null): Promise<void> {
  const query = new URLSearchParams({ limit: '20', ...(cursor && { cursor }) });
  if (byId<HTMLInputElement>('everyone').checked) query.set('owner', '*');
  try {
    const page = (await ask(`/issuances?${query}`)) as Page;
    const rows = page.issuances.map(row);
    if (cursor) byId('pins').append(...rows);
    else byId('pins').replaceChildren(...rows);
    next = page.next_cursor;
    byId('more').hidden = next === null;
    byId('pins-section').hidden = false;
  } catch (error) {
    sayWhy(error);
  }
}

function row(issuance: Issuance): HTMLTableRowElement {
  const { hint, owner, description, state, outcome, expiration_time, second_masters } = issuance;
  const result = document.createElement('tr');
  const words = (state === 'ended' ? `ended: ${outcome}` : state).replaceAll('_', ' ');
  const cells = [
    `${hint}…`,
    owner,
    description ?? '',
    second_masters > 0 ? `${words}, second master` : words,
    new Date(expiration_time).toLocaleString(),
  ];
  for (const text of cells) result.insertCell().textContent = text;
  const action = result.insertCell();
  if (state === 'ended') return result;
  const button = document.createElement('button');
  button.className = 'quiet';
  button.textContent = 'Revoke';
  button.setAttribute('aria-label', `Revoke ${hint}…`);
  button.addEventListener('click', () => void revoke(issuance));
  action.append(button);
  return result;
}

async function revoke({ id, hint }: Issuance): Promise<void> {
  if (!confirm(`End the cluster of PIN ${hint}… now? Its machines can no longer pair.`)) return;
  try {
    await ask(`/issuances/${id}`, { method: 'DELETE' });
    say('');
    await listPins();
  } catch (error) {
    sayWhy(error);
  }
}
