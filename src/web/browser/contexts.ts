import { type Pairing, renderContext, type Role, workerWarning } from './context.js';
import { byId, sayWhy } from './dom.js';
import { examples } from './examples.js';

let text = '';
let pairing: Pairing | undefined;

/** Makes both contexts out of what is pasted, dropped or opened. Nothing of it leaves the browser. */
export function offerContexts(next: Pairing): void {
  const isFirst = pairing === undefined;
  pairing = next;
  if (isFirst) begin();
  else render(); // what was pasted serves for this PIN as well
}

function begin(): void {
  const base = byId<HTMLTextAreaElement>('base');
  const example = byId<HTMLSelectElement>('example');
  const file = byId<HTMLInputElement>('file');
  base.addEventListener('input', () => {
    text = base.value;
    render();
  });
  base.addEventListener('dragover', () => base.classList.add('over'));
  base.addEventListener('dragleave', () => base.classList.remove('over'));
  base.addEventListener('drop', (event) => {
    base.classList.remove('over');
    if (!event.dataTransfer?.files.length) return; // text: the browser inserts it
    event.preventDefault();
    open(event.dataTransfer.files[0]).catch(sayWhy);
  });
  file.addEventListener('change', () => {
    open(file.files?.[0]).catch(sayWhy);
    file.value = ''; // so that the same one can be opened again
  });
  const useExample = () => use(examples[example.value] ?? '');
  example.addEventListener('change', useExample);
  useExample();
}

async function open(opened: File | undefined): Promise<void> {
  if (!opened) return;
  try {
    use(textOf(await opened.arrayBuffer()));
  } catch {
    byId('context-problem').textContent =
      `${opened.name} is not text in UTF-8, so it was not taken: unpack it or save it as such, and open it again.`;
  }
}

function use(next: string): void {
  text = next; // as it is: the text area would change its line ends
  byId<HTMLTextAreaElement>('base').value = next;
  render();
}

function render(): void {
  if (!pairing) return;
  const problem = [offer('master', pairing), offer('worker', pairing)].find(Boolean);
  byId('context-problem').textContent = problem ?? workerWarning(text) ?? '';
}

/** Fails when the bytes are no text: they could not be given back as they were. */
function textOf(bytes: ArrayBuffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function offer(role: Role, forCluster: Pairing): string | undefined {
  const link = byId<HTMLAnchorElement>(`${role}-file`);
  if (link.href) URL.revokeObjectURL(link.href);
  const result = renderContext(text, role, forCluster);
  link.hidden = 'problem' in result;
  if ('problem' in result) return result.problem;
  link.href = URL.createObjectURL(new Blob([result.text], { type: 'text/plain' }));
  return undefined;
}
