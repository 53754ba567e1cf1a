import { catalogue, type ErrorCode } from '../errors/pairing-error.js';

/** Errors for which people get other words than scripts. */
const forPeople: Partial<Record<ErrorCode, string>> = {
  'sign-in-required': 'Your session has ended. Sign in again.',
  'role-required':
    'Your account lacks the role that this needs. Ask the operator of this service for it.',
  'bad-request': 'The browser sent something that cannot be understood. Try again.',
  'invalid-body':
    'The form was not accepted: the description is one line of at most 200 characters, and there are 1 to 5000 workers.',
  'too-many-requests': 'You have reached the limit of PINs an hour. Try again later.',
  'internal-error':
    'Something went wrong here, and has been logged. Try again. If that does not help, tell the operator of this service.',
};

/** The message for an error code in the page's address. Undefined when there is no such code. */
export function problemOf(code: string | undefined): string | undefined {
  const messages: Partial<Record<string, string>> = { ...catalogue, ...forPeople };
  return code !== undefined && Object.hasOwn(messages, code) ? messages[code] : undefined;
}
