import { EXPIRED, watch } from './status.js';
import { offerContexts } from './contexts.js';
import { ask, byId, client, showError, showMessage } from './dom.js';
import { listOlderPins, listPins } from './pins.js';

if (document.getElementById('create')) {
  byId('create').addEventListener('submit', (event) => {
    event.preventDefault();
    create().catch(showError);
  });
  const { pin } = byId('cluster').dataset;
  if (pin) show(pin);
  else refreshPins();
  byId('copy').addEventListener('click', () => {
    copyPin().catch(showError);
  });
  byId('everyone').addEventListener('change', refreshPins);
  byId('more').addEventListener('click', () => {
    listOlderPins().catch(showError);
  });
}

function refreshPins(): void {
  listPins().catch(showError);
}

async function create(): Promise<void> {
  const button = byId<HTMLButtonElement>('get');
  const description = byId<HTMLInputElement>('description').value.trim();
  button.disabled = true;
  try {
    const { pin } = await ask(
      client.POST('/api/v1/clusters', { body: description ? { description } : {} }),
    );
    showMessage('');
    show(pin);
  } catch (error) {
    showError(error);
  } finally {
    button.disabled = false;
  }
}

/** Shows a PIN with its contexts and its status. It is shown only once. */
function show(pin: string): void {
  const serviceUrl = document.body.dataset['service'] ?? location.origin;
  byId('pin').textContent = pin;
  byId('copy').textContent = 'Copy';
  for (const id of ['cluster', 'copy', 'live', 'next']) byId(id).hidden = false;
  byId('cluster').classList.remove('over');
  byId('self-test').textContent = `curl -fsS ${serviceUrl}/api/v1/clusters/${pin}`;
  offerContexts({ pin, serviceUrl });
  showRemaining('It is good for one cluster.');
  watch(pin, {
    onState: (expiresAt) => {
      countDown(expiresAt);
      refreshPins();
    },
    onProgress: refreshPins,
    onEnd: (message) => {
      showRemaining(message);
      byId('next').hidden = true;
      byId('cluster').classList.add('over');
      refreshPins();
    },
  });
}

let countdown: ReturnType<typeof setInterval> | undefined;

function countDown(expiresAt: number): void {
  const count = () => {
    const seconds = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
    if (seconds === 0) return showRemaining(EXPIRED);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    byId('remaining').textContent =
      `It is good for one cluster, ${hours}\u00a0h ${minutes}\u00a0min ${seconds % 60}\u00a0s more.`;
  };
  clearInterval(countdown);
  countdown = setInterval(count, 1000);
  count();
}

/** Shows a fixed text in place of the countdown. */
function showRemaining(text: string): void {
  clearInterval(countdown);
  byId('remaining').textContent = text;
}

async function copyPin(): Promise<void> {
  try {
    await navigator.clipboard.writeText(byId('pin').innerText);
    byId('copy').textContent = 'Copied';
  } catch {
    showMessage('The browser does not let this page copy. Select the PIN and copy it yourself.');
  }
}
