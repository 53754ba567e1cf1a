import {
  adviseOn,
  examples,
  openUserData,
  type Pairing,
  renderContext,
  type Role,
  type UserData,
  wrapUserData,
} from '../../../context/context.ts';
import { byId, showError } from './dom.js';

let base: UserData = { text: '', wrapping: [] };
let pairing: Pairing | undefined;

/** Makes both contexts from what is pasted, dropped or opened. None of it is sent anywhere. */
export function offerContexts(next: Pairing): void {
  const isFirst = pairing === undefined;
  pairing = next;
  if (isFirst) begin();
  else render(); // what was pasted serves for this PIN as well
}

function begin(): void {
  const area = byId<HTMLTextAreaElement>('base');
  const example = byId<HTMLSelectElement>('example');
  const file = byId<HTMLInputElement>('file');
  area.addEventListener('input', () => {
    base = { text: area.value, wrapping: [] };
    render();
  });
  area.addEventListener('dragover', () => area.classList.add('over'));
  area.addEventListener('dragleave', () => area.classList.remove('over'));
  area.addEventListener('drop', (event) => {
    area.classList.remove('over');
    if (!event.dataTransfer?.files.length) return; // text: the browser inserts it
    event.preventDefault();
    open(event.dataTransfer.files[0]).catch(showError);
  });
  file.addEventListener('change', () => {
    open(file.files?.[0]).catch(showError);
    file.value = ''; // so that the same one can be opened again
  });
  const useExample = () => use({ text: examples[example.value] ?? '', wrapping: [] });
  example.addEventListener('change', useExample);
  useExample();
}

async function open(opened: File | undefined): Promise<void> {
  if (!opened) return;
  const read = await opened
    .arrayBuffer()
    .then((bytes) => openUserData(new Uint8Array(bytes)))
    .catch(() => undefined);
  if (read) return use(read);
  byId('context-problem').textContent =
    `${opened.name} is not text in UTF-8, and was not opened: save it as such, and open it again.`;
}

function use(next: UserData): void {
  base = next; // and not the text area's text, which has other line ends
  byId<HTMLTextAreaElement>('base').value = next.text;
  render();
}

function render(): void {
  if (!pairing) return;
  const problem = [offer('master', pairing), offer('worker', pairing)].find(Boolean);
  byId('context-problem').textContent = problem ?? '';
  showAdvice();
}

/** Lists the advice on the base context, with a button where a change can be made. */
function showAdvice(): void {
  const items = adviseOn(base.text, base.wrapping).map(({ sentence, fix }) => {
    const item = document.createElement('li');
    item.textContent = sentence;
    if (!fix) return item;
    const button = document.createElement('button');
    button.className = 'quiet';
    button.type = 'button';
    button.textContent = fix.label;
    button.addEventListener('click', () => use({ ...base, text: fix.apply() }));
    item.append(' ', button);
    return item;
  });
  byId('advice').replaceChildren(...items);
}

/** Offers the context of a role for download. Returns why it cannot be made, if it cannot. */
function offer(role: Role, forCluster: Pairing): string | undefined {
  const link = byId<HTMLAnchorElement>(`${role}-file`);
  const result = renderContext(base.text, role, forCluster);
  link.hidden = true;
  if ('problem' in result) return result.problem;
  linkTo(link, { ...base, text: result.text }).catch(showError);
  return undefined;
}

async function linkTo(link: HTMLAnchorElement, context: UserData): Promise<void> {
  const linked = base;
  const bytes = await wrapUserData(context);
  if (linked !== base) return; // another context was opened meanwhile
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'text/plain' }));
  link.hidden = false;
}
