import { useSignal } from '@preact/signals';
import { ask, client, isNotFound } from '../state/api.ts';
import { showError } from '../state/toasts.ts';
import { parsePin, type Pin } from '../state/pins.ts';

/** A field for a PIN. Blanks and capitals are forgiven; the PIN is checked before it is kept. */
export function EnterPin(props: {
  label: string;
  /** The first characters of the PIN that is wanted. */
  hint?: string;
  onPin: (pin: Pin) => void;
}) {
  const { label, hint = '', onPin } = props;
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget as HTMLFormElement).get('pin') as string;
    const pin = parsePin(text);
    if (pin === undefined) {
      problem.value = 'A PIN has 12 letters and digits.';
      return;
    }
    if (!pin.startsWith(hint)) {
      problem.value = 'This is the PIN of another cluster.';
      return;
    }
    isBusy.value = true;
    try {
      const params = { path: { pin } };
      const { creation_time } = await ask(client.GET('/api/v1/clusters/{pin}', { params }));
      problem.value = '';
      onPin({ pin, creation_time });
    } catch (error) {
      problem.value = isNotFound(error)
        ? 'The service knows no such PIN. It was mistyped, or its cluster has ended.'
        : (error as Error).message;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form
      class="stack tight"
      onSubmit={(event) => {
        submit(event).catch(showError);
      }}
    >
      <label for="pin-field">{label}</label>
      <div class="row">
        <input
          id="pin-field"
          name="pin"
          class="search"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          required
          aria-invalid={problem.value !== ''}
          aria-describedby="pin-problem"
        />
        <button class="primary" disabled={isBusy}>
          Watch
        </button>
      </div>
      <p id="pin-problem" class="error" role="status">
        {problem}
      </p>
    </form>
  );
}
