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

/** Asks the service; a refusal, or no answer, is an Error in words that say what to do next. */
export async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch {
    throw new Error('The service does not answer. Check your connection, and try again shortly.');
  }
  if (response.status === 401) throw new SessionEnded('Your session has ended.');
  if (response.status === 204) return undefined;
  const body = (await response.json().catch(() => ({}))) as Problem;
  if (response.ok) return body;
  const [field] = Object.values(body.errors ?? {});
  throw new Error(field?.[0] ?? body.detail ?? 'The service could not do it. Try again shortly.');
}

interface Problem {
  detail?: string;
  errors?: Record<string, string[]>;
}
