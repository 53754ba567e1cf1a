import { watch } from './board.js';
import { offerContexts } from './contexts.js';
import { ask, byId, say } from './dom.js';
import { listOlderPins, listPins } from './pins.js';

if (document.getElementById('create')) {
  byId('create').addEventListener('submit', (event) => {
    event.preventDefault();
    void create();
  });
  const { pin, expires } = byId('cluster').dataset;
  if (pin) show(pin, Number(expires));
  void listPins();
  byId('copy').addEventListener('click', () => void copyPin());
  byId('everyone').addEventListener('change', () => void listPins());
  byId('more').addEventListener('click', () => void listOlderPins());
}

async function create(): Promise<void> {
  const description = byId<HTMLInputElement>('description').value.trim();
  try {
    const { pin } = (await ask('/clusters', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(description ? { description } : {}),
    })) as { pin: string };
    const cluster = (await ask(`/clusters/${pin}`)) as { expiration_time: string };
    say('');
    show(pin, Date.parse(cluster.expiration_time));
    await listPins();
  } catch (error) {
    say((error as Error).message);
  }
}

let countdown: ReturnType<typeof setInterval> | undefined;

/** Shows a PIN this once, with all there is to do with it. */
function show(pin: string, expiresAt: number): void {
  const serviceUrl = document.body.dataset['service'] ?? location.origin;
  byId('pin').textContent = pin;
  byId('cluster').hidden = false;
  byId('enhanced').hidden = false;
  byId('copy').hidden = false;
  byId('copy').textContent = 'Copy';
  const keys = `${serviceUrl}/api/v1/clusters/${pin}`;
  byId('self-test').textContent = `curl -fsS ${keys}`;

  clearInterval(countdown);
  const count = () => {
    const seconds = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    byId('left').textContent =
      seconds > 0
        ? `Good for one cluster, ${hours} h ${minutes} min ${seconds % 60} s more.`
        : 'It has expired: get a new one.';
  };
  count();
  countdown = setInterval(count, 1000);

  offerContexts({ pin, serviceUrl });
  watch(pin);
}

async function copyPin(): Promise<void> {
  try {
    await navigator.clipboard.writeText(byId('pin').innerText);
    byId('copy').textContent = 'Copied';
  } catch {
    say('The browser does not let this page copy. Select the PIN and copy it yourself.');
  }
}
