import { useSignal } from '@preact/signals';
import { showError, showToast } from '../state/toasts.ts';

const SHOWN_MS = 2_000;

/** A button that copies a text. `what` completes its name for those who do not see what it stands beside. */
export function Copy({ text, what, slim }: { text: string; what: string; slim?: boolean }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      isCopied.value = true;
      setTimeout(() => (isCopied.value = false), SHOWN_MS);
      showToast(`Copied: ${what}`);
    } catch {
      showToast('The browser does not let this page copy. Select the text and copy it yourself.');
    }
  };
  return (
    <button
      type="button"
      class={slim ? 'slim' : ''}
      onClick={() => {
        copy().catch(showError);
      }}
    >
      {isCopied.value ? 'Copied' : 'Copy'}
      <span class="unseen"> {what}</span>
    </button>
  );
}

/** A command to type, with a button that copies it. */
export function Command({ text, what }: { text: string; what: string }) {
  return (
    <div class="command">
      <pre>
        <code>{text}</code>
      </pre>
      <Copy text={text} what={what} slim />
    </div>
  );
}
