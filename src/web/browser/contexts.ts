import { type Pairing, renderContext, type Role, workerWarning } from './context.js';
import { byId } from './dom.js';
import { examples } from './examples.js';

/** Makes both contexts out of what is pasted, dropped or opened. Nothing of it leaves the browser. */
export function offerContexts(pairing: Pairing): void {
  const base = byId<HTMLTextAreaElement>('base');
  const example = byId<HTMLSelectElement>('example');
  const file = byId<HTMLInputElement>('file');
  let text = '';

  const render = () => {
    const problem = [offer('master', text, pairing), offer('worker', text, pairing)].find(Boolean);
    byId('context-problem').textContent = problem ?? workerWarning(text) ?? '';
  };
  const use = (next: string) => {
    text = next; // as it is: the text area would change its line ends
    base.value = next;
    render();
  };
  const open = async (opened: File | undefined) => {
    if (!opened) return;
    try {
      use(textOf(await opened.arrayBuffer()));
    } catch {
      byId('context-problem').textContent =
        `${opened.name} is not text in UTF-8, so it was not taken: unpack it or save it as such, and open it again.`;
    }
  };

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
    void open(event.dataTransfer.files[0]);
  });
  file.addEventListener('change', () => {
    void open(file.files?.[0]);
    file.value = ''; // so that the same one can be opened again
  });
  example.addEventListener('change', () => use(examples[example.value] ?? ''));
  use(text || (examples[example.value] ?? ''));
}

/** Fails when the bytes are no text: they could not be given back as they were. */
function textOf(bytes: ArrayBuffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function offer(role: Role, text: string, pairing: Pairing): string | undefined {
  const link = byId<HTMLAnchorElement>(`${role}-file`);
  if (link.href) URL.revokeObjectURL(link.href);
  const result = renderContext(text, role, pairing);
  link.hidden = 'problem' in result;
  if ('problem' in result) return result.problem;
  link.href = URL.createObjectURL(new Blob([result.text], { type: 'text/plain' }));
  return undefined;
}
