import {
  answerOf,
  createPairingClient,
  RefusedError,
  UnreachableError,
} from '../../../client/client.ts';

/** The element of the page with this id. Fails when the page has none. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the kind of element
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element as T;
}

/** Shows a problem at the top of the page and scrolls to it. Hides the line when `problem` is empty. */
export function showMessage(problem: string): void {
  const line = byId('problem');
  line.textContent = problem;
  line.hidden = problem === '';
  line.scrollIntoView({ block: 'nearest' });
}

/** Shows why something failed, with a link to sign in again when the session has ended. */
export function showError(error: unknown): void {
  showMessage((error as Error).message);
  if (!(error instanceof SessionEnded)) return;
  const link = document.createElement('a');
  link.href = '/sign-in';
  link.target = '_blank'; // a PIN on this page is shown only once
  link.textContent = 'Sign in again';
  byId('problem').append(' ', link, ' in a new tab, then go on here.');
}

class SessionEnded extends Error {}

/** A client of the service of this page. Requests use the session of this browser. */
export const client = createPairingClient({ serviceUrl: '' });

/** The answer to an operation. Fails with an Error whose message says what to do next, when it is refused or not answered. */
export async function ask<T>(operation: Parameters<typeof answerOf<T>>[0]): Promise<T> {
  try {
    return await answerOf(operation);
  } catch (error) {
    if (error instanceof UnreachableError) {
      throw new Error(
        'The service does not answer. Check your connection, and try again shortly.',
        { cause: error },
      );
    }
    if (!(error instanceof RefusedError)) throw error;
    if (error.status === 401) throw new SessionEnded('Your session has ended.');
    if (error.code !== undefined) throw error;
    throw new Error('The service could not do it. Try again shortly.', { cause: error });
  }
}
