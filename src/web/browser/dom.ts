import {
  answerOf,
  createPairingClient,
  RefusedError,
  UnreachableError,
} from '../../../client/client.ts';

/** The element of the page with this id, which the page always has where this is called. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- which kind, the caller knows
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element as T;
}

/** Says what went wrong, above all else and in sight; nothing, when all is well. */
export function say(problem: string): void {
  const line = byId('problem');
  line.textContent = problem;
  line.hidden = problem === '';
  line.scrollIntoView({ block: 'nearest' });
}

/** Says why something failed, with the way to sign in again where that is what to do. */
export function sayWhy(error: unknown): void {
  say((error as Error).message);
  if (!(error instanceof SessionEnded)) return;
  const link = document.createElement('a');
  link.href = '/sign-in';
  link.target = '_blank'; // what this page shows is shown once
  link.textContent = 'Sign in again';
  byId('problem').append(' ', link, ' in a new tab, then go on here.');
}

class SessionEnded extends Error {}

/** The service of this page, asked with the session of this browser. */
export const client = createPairingClient({ serviceUrl: '' });

/** The answer to an operation of the service; a refusal, or no answer, is an Error in words that say what to do next. */
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
