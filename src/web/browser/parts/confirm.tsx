import { useEffect, useRef } from 'preact/hooks';

/** A question before something that cannot be undone. */
export interface Question {
  readonly title: string;
  readonly words: string;
  readonly yes: string;
  readonly onYes: () => void;
  readonly onClose: () => void;
}

/** Asks a question over the page. */
export function Confirm({ title, words, yes, onYes, onClose }: Question) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="question">
      <form method="dialog" class="stack">
        <h2 id="question">{title}</h2>
        <p>{words}</p>
        <div class="row">
          <button class="danger primary" onClick={onYes}>
            {yes}
          </button>
          <button>Cancel</button>
        </div>
      </form>
    </dialog>
  );
}
