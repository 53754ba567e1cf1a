import { signal } from '@preact/signals';

const SHOWN_MS = 5_000;

interface Toast {
  readonly id: number;
  readonly words: string;
}

export const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Shows what was done, or why it was not, for a few seconds. */
export function showToast(words: string): void {
  const toast = { id: ++lastId, words };
  toasts.value = [...toasts.value.slice(-2), toast];
  setTimeout(() => (toasts.value = toasts.value.filter((each) => each !== toast)), SHOWN_MS);
}

/** Shows why something failed. */
export function showError(error: unknown): void {
  showToast((error as Error).message);
}

/** What a screen reader says next, politely. Only for what a person waits for. */
export const announcement = signal('');
