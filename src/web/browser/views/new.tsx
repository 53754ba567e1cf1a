import { useSignal } from '@preact/signals';
import type { RefusedError } from '../../../../client/client.ts';
import { ask, client } from '../state/api.ts';
import { MAX_WORKERS } from '../state/cluster.ts';
import { findIssued } from '../state/issuances.ts';
import { page } from '../state/page.ts';
import { keepPin, setWatchedPin } from '../state/pins.ts';
import { navigate } from '../state/router.ts';
import { showError } from '../state/toasts.ts';
import { Steps } from '../parts/steps.tsx';
import { useTitle } from '../parts/use-title.ts';

const HOUR = 3_600;
const LIVES = [HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR];

/** The first step of a cluster: its PIN. */
export function New() {
  const problem = useSignal('');
  const isBusy = useSignal(false);
  useTitle('New cluster');

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => (form.get(name) as string | null)?.trim() ?? '';
    const body = {
      ...(text('description') && { description: text('description') }),
      ...(text('workers') && { workers: Number(text('workers')) }),
      ...(text('ttl') && { ttl: Number(text('ttl')) }),
    };
    isBusy.value = true;
    try {
      const { pin, creation_time } = await ask(client.POST('/api/v1/clusters', { body }));
      keepPin({ pin, creation_time });
      const issuance = await findIssued(pin, creation_time).catch(() => undefined);
      if (!issuance) setWatchedPin({ pin, creation_time }); // its record cannot be read now
      navigate(issuance ? `/clusters/${issuance.id}/contexts` : '/pin');
    } catch (error) {
      problem.value = (error as RefusedError).message;
    } finally {
      isBusy.value = false;
    }
  };

  const lives = LIVES.filter((seconds) => seconds < page.pinTtlSeconds);
  return (
    <>
      <h1 tabIndex={-1}>New cluster</h1>
      <Steps step={1} />
      <form
        class="card"
        onSubmit={(event) => {
          submit(event).catch(showError);
        }}
        aria-label="Get a PIN"
      >
        <div class="fields">
          <div class="field wide">
            <label for="description">
              What is it for? <small>(optional)</small>
            </label>
            <input id="description" name="description" maxLength={200} autocomplete="off" />
            <p class="small soft">One line, so that you recognize the cluster in your list.</p>
          </div>
          <div class="field">
            <label for="workers">
              How many workers? <small>(optional)</small>
            </label>
            <input
              id="workers"
              name="workers"
              type="number"
              min={1}
              max={MAX_WORKERS}
              inputMode="numeric"
            />
            <p class="small soft">Then the page can tell when the cluster is complete.</p>
          </div>
          <div class="field">
            <label for="ttl">How long is the PIN good?</label>
            <select id="ttl" name="ttl">
              <option value="">{page.pinTtlSeconds / HOUR} hours</option>
              {lives.toReversed().map((seconds) => (
                <option key={seconds} value={seconds}>
                  {seconds === HOUR ? '1 hour' : `${seconds / HOUR} hours`}
                </option>
              ))}
            </select>
            <p class="small soft">Machines that start later cannot pair.</p>
          </div>
        </div>
        <p class="error" role="alert">
          {problem}
        </p>
        <p class="row">
          <button class="primary large" disabled={isBusy}>
            Get a PIN
          </button>
          <span class="small soft">A PIN is good for one cluster.</span>
        </p>
      </form>
    </>
  );
}
