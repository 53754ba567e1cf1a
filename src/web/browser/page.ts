import { EXPIRED, watch } from './board.js';
import { offerContexts } from './contexts.js';
import { ask, byId, client, say, sayWhy } from './dom.js';
import { listOlderPins, listPins } from './pins.js';

if (document.getElementById('create')) {
  byId('create').addEventListener('submit', (event) => {
    event.preventDefault();
    create().catch(sayWhy);
  });
  const { pin } = byId('cluster').dataset;
  if (pin) show(pin);
  else refreshPins();
  byId('copy').addEventListener('click', () => {
    copyPin().catch(sayWhy);
  });
  byId('everyone').addEventListener('change', refreshPins);
  byId('more').addEventListener('click', () => {
    listOlderPins().catch(sayWhy);
  });
}

function refreshPins(): void {
  listPins().catch(sayWhy);
}

async function create(): Promise<void> {
  const button = byId<HTMLButtonElement>('get');
  const description = byId<HTMLInputElement>('description').value.trim();
  button.disabled = true;
  try {
    const { pin } = await ask(
      client.POST('/api/v1/clusters', { body: description ? { description } : {} }),
    );
    say('');
    show(pin);
  } catch (error) {
    sayWhy(error);
  } finally {
    button.disabled = false;
  }
}

/** Shows a PIN this once, with all there is to do with it. */
function show(pin: string): void {
  const serviceUrl = document.body.dataset['service'] ?? location.origin;
  byId('pin').textContent = pin;
  byId('copy').textContent = 'Copy';
  for (const id of ['cluster', 'copy', 'live', 'next']) byId(id).hidden = false;
  byId('cluster').classList.remove('over');
  byId('self-test').textContent = `curl -fsS ${serviceUrl}/api/v1/clusters/${pin}`;
  offerContexts({ pin, serviceUrl });
  left('It is good for one cluster.');
  watch(pin, {
    onState: (expiresAt) => {
      countDown(expiresAt);
      refreshPins();
    },
    onProgress: refreshPins,
    onEnd: (words) => {
      left(words);
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
    if (seconds === 0) return left(EXPIRED);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    byId('left').textContent =
      `It is good for one cluster, ${hours}\u00a0h ${minutes}\u00a0min ${seconds % 60}\u00a0s more.`;
  };
  clearInterval(countdown);
  countdown = setInterval(count, 1000);
  count();
}

/** Says how long the PIN is good for, for the last time. */
function left(words: string): void {
  clearInterval(countdown);
  byId('left').textContent = words;
}

async function copyPin(): Promise<void> {
  try {
    await navigator.clipboard.writeText(byId('pin').innerText);
    byId('copy').textContent = 'Copied';
  } catch {
    say('The browser does not let this page copy. Select the PIN and copy it yourself.');
  }
}
