import { signal } from '@preact/signals';
import { page } from './page.ts';

/** Whether this browser is signed in: `ended` when its session has ended, `role-lost` when the role was taken away. */
export type Account = 'anonymous' | 'signed-in' | 'ended' | 'role-lost';

export const account = signal<Account>(page.user === null ? 'anonymous' : 'signed-in');

/** The address of a sign-in that leads back to this page. */
export function signInPath(): string {
  return `/sign-in?to=${encodeURIComponent(location.pathname)}`;
}
