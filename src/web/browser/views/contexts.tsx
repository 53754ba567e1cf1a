import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import {
  type Advice,
  adviseOn,
  examples,
  openUserData,
  type Pairing,
  renderContext,
  type Role,
  type UserData,
  wrapUserData,
} from '../../../../context/context.ts';
import { nameOf } from '../state/cluster.ts';
import { page } from '../state/page.ts';
import { storeBase, storedBase } from '../state/pins.ts';
import type { Issuance } from '../state/wire.ts';
import { Copy } from '../parts/copy.tsx';
import { PinCard } from '../parts/pin-card.tsx';
import { Steps } from '../parts/steps.tsx';
import { useTitle } from '../parts/use-title.ts';

const EXAMPLES: Readonly<Record<string, string>> = {
  amiconfig: 'amiconfig',
  cloud: 'cloud-config',
  mime: 'both, as MIME multipart',
};

/** The second step of a cluster: the contexts of master and workers. None of it is sent anywhere. */
export function Contexts({ issuance, pin }: { issuance: Issuance; pin: string }) {
  const base = useSignal<UserData>(storedBase() ?? { text: examples['amiconfig']!, wrapping: [] });
  const problem = useSignal('');
  const isOver = useSignal(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useTitle(`Contexts · ${nameOf(issuance)}`);

  const use = (next: UserData) => {
    base.value = next;
    problem.value = '';
    storeBase(next);
  };
  const open = async (file: File | undefined) => {
    if (!file) return;
    const read = await file
      .arrayBuffer()
      .then((bytes) => openUserData(new Uint8Array(bytes)))
      .catch(() => undefined);
    if (read) use(read);
    else {
      problem.value = `${file.name} is not text in UTF-8, and was not opened: save it as such, and open it again.`;
    }
  };
  const drop = (event: DragEvent) => {
    isOver.value = false;
    const file = event.dataTransfer?.files[0];
    if (!file) return; // text: the browser inserts it
    event.preventDefault();
    open(file).catch((error: Error) => (problem.value = error.message));
  };

  const workers = issuance.workers.expected ?? undefined;
  const pairing: Pairing = { pin, serviceUrl: page.service, workers };
  const rendered = renderContext(base.value.text, 'master', pairing);
  const isRefused = 'problem' in rendered;
  const advice: Advice[] = [
    ...(isRefused ? [{ sentence: rendered.problem }] : []),
    ...adviseOn(base.value.text, base.value.wrapping, workers),
  ];
  const remarks = advice.map(({ sentence, fix }, index) => ({
    id: `remark-${index}`,
    line: lineIn(sentence),
    sentence,
    fix,
  }));
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Put the PIN into both contexts</h1>
        <a class="button primary" href={`/clusters/${issuance.id}/start`}>
          Next: start the machines
        </a>
      </div>
      <Steps step={2} id={issuance.id} />
      <PinCard pin={pin} cluster={issuance} />
      <section class="card" aria-labelledby="base-title">
        <div class="row apart">
          <h2 id="base-title">Your base context</h2>
          <p class="row">
            <label>
              Example{' '}
              <select
                onChange={({ currentTarget: { value } }) =>
                  use({ text: examples[value] ?? '', wrapping: [] })
                }
              >
                {Object.entries(EXAMPLES).map(([name, words]) => (
                  <option key={name} value={name}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
            <label class="button file">
              Open a file
              <input
                type="file"
                onChange={({ currentTarget }) => {
                  open(currentTarget.files?.[0]).catch(
                    (error: Error) => (problem.value = error.message),
                  );
                  currentTarget.value = ''; // so that the same one can be opened again
                }}
              />
            </label>
          </p>
        </div>
        <p class="small soft">
          Paste yours, drop it there, open it, or start from an example. It stays in this tab, over
          a reload too, and is sent nowhere.
        </p>
        <Editor
          area={area}
          text={base.value.text}
          remarks={remarks}
          isOver={isOver.value}
          onText={(text) => use({ text, wrapping: [] })}
          onDrop={drop}
          onOver={(over) => (isOver.value = over)}
        />
        <p class="error" role="status">
          {problem}
        </p>
        <div role="status">
          <ul class="remarks" aria-label="Advice on this context">
            {remarks.map((remark, index) => (
              <li
                key={remark.sentence}
                class={`note tone-${isRefused && index === 0 ? 'bad' : 'warn'}`}
              >
                <span id={remark.id}>{remark.sentence}</span>
                {remark.line !== undefined && (
                  <>
                    {' '}
                    <button type="button" onClick={() => goToLine(area.current!, remark.line!)}>
                      Go to line {remark.line}
                    </button>
                  </>
                )}
                {remark.fix && (
                  <>
                    {' '}
                    <button
                      type="button"
                      onClick={() => use({ ...base.value, text: remark.fix!.apply() })}
                    >
                      {remark.fix.label}
                    </button>
                  </>
                )}
              </li>
            ))}
          </ul>
        </div>
      </section>
      <div class="halves">
        <Context role="master" base={base.value} pairing={pairing} />
        <Context role="worker" base={base.value} pairing={pairing} />
      </div>
      <p class="row">
        <a class="button primary large" href={`/clusters/${issuance.id}/start`}>
          Next: start the machines
        </a>
      </p>
    </>
  );
}

/** The number of the line that a sentence names. */
function lineIn(sentence: string): number | undefined {
  const number = /\blines? (\d+)/i.exec(sentence)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Puts the cursor into the area and selects this line of it. */
function goToLine(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((length, each) => length + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  area.scrollTop = (area.scrollHeight / lines.length) * (line - 4); // with some lines above it
}

interface Remark {
  readonly id: string;
  readonly sentence: string;
  readonly line: number | undefined;
}

/** The base context with the numbers of its lines; those with a problem are marked, and have it as their tooltip. */
function Editor(props: {
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  remarks: readonly Remark[];
  isOver: boolean;
  onText: (text: string) => void;
  onDrop: (event: DragEvent) => void;
  onOver: (isOver: boolean) => void;
}) {
  const { area, text, remarks, isOver, onText, onDrop, onOver } = props;
  const gutter = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Not as an attribute: what is shown has other line ends than what was opened, and is not changed for that.
    const shown = text.replaceAll(/\r\n?/g, '\n');
    if (area.current && area.current.value !== shown) area.current.value = text;
  }, [text]);
  const lines = text.split('\n').length;
  const problemsOf = (line: number) =>
    remarks.filter((each) => each.line === line).map(({ sentence }) => sentence);
  return (
    <div class="editor">
      <div class="gutter" ref={gutter} aria-hidden="true">
        <div>
          {Array.from({ length: lines }, (_, index) => {
            const problems = problemsOf(index + 1);
            return (
              <span
                key={index}
                class={problems.length > 0 ? 'marked' : ''}
                title={problems.join('\n')}
              >
                {index + 1}
              </span>
            );
          })}
        </div>
      </div>
      <textarea
        ref={area}
        aria-label="Base context"
        aria-describedby={remarks.map(({ id }) => id).join(' ') || undefined}
        rows={14}
        wrap="off"
        spellcheck={false}
        class={isOver ? 'over' : ''}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
        onScroll={({ currentTarget }) => (gutter.current!.scrollTop = currentTarget.scrollTop)}
        onDrop={onDrop}
        onDragOver={() => onOver(true)}
        onDragLeave={() => onOver(false)}
      />
    </div>
  );
}

const TITLES: Readonly<Record<Role, { title: string; use: string; whose: string }>> = {
  master: { title: 'Master', use: 'For one machine.', whose: 'master’s' },
  worker: { title: 'Workers', use: 'For all other machines.', whose: 'worker’s' },
};

/** The context of one role, with the lines that pairing has written marked. */
function Context({ role, base, pairing }: { role: Role; base: UserData; pairing: Pairing }) {
  const link = useRef<HTMLAnchorElement>(null);
  const rendered = renderContext(base.text, role, pairing);
  const text = 'problem' in rendered ? undefined : rendered.text;
  useEffect(() => {
    if (text === undefined) return undefined;
    let url: string | undefined;
    let isStale = false;
    wrapUserData({ ...base, text })
      .then((bytes) => {
        if (isStale || !link.current) return;
        url = URL.createObjectURL(new Blob([bytes], { type: 'text/plain' }));
        link.current.href = url;
      })
      .catch(() => undefined);
    return () => {
      isStale = true;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [text, base]);
  const { title, use, whose } = TITLES[role];
  return (
    <section class="card" aria-label={`The ${whose} context`}>
      <div class="row apart">
        <h2>
          {title} <small>{use}</small>
        </h2>
      </div>
      {text === undefined ? (
        <p class="soft">It can be made once the base context has no problem.</p>
      ) : (
        <>
          <Lines text={text} base={base.text} label={`The ${whose} context, line by line`} />
          <p class="row">
            <a class="button primary" ref={link} download={`${role}-context.txt`}>
              Download <span class="unseen">the {whose} context</span>
            </a>
            <Copy text={text} what={`the ${whose} context`} />
          </p>
        </>
      )}
    </section>
  );
}

function Lines({ text, base, label }: { text: string; base: string; label: string }) {
  const known = new Set(base.split('\n'));
  return (
    <pre class="lines" tabIndex={0} role="region" aria-label={label}>
      {text.split('\n').map((line, index) =>
        known.has(line) ? (
          <span key={index}>{line}</span>
        ) : (
          <span key={index} class="changed">
            <ins>{line}</ins>
          </span>
        ),
      )}
    </pre>
  );
}
