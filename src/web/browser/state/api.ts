import {
  answerOf,
  createPairingClient,
  RefusedError,
  UnreachableError,
} from '../../../../client/client.ts';
import { account } from './account.ts';

/** A client of the service of this page. Requests use the session of this browser. */
export const client = createPairingClient({ serviceUrl: '' });

/** The answer to an operation. Fails with an Error whose message says what to do next. */
export async function ask<T>(operation: Parameters<typeof answerOf<T>>[0]): Promise<T> {
  try {
    return await answerOf(operation);
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  if (error instanceof UnreachableError) {
    return new Error('The service does not answer. Check your connection, and try again shortly.', {
      cause: error,
    });
  }
  if (!(error instanceof RefusedError)) return error;
  if (error.status === 401) {
    account.value = 'ended';
    return new Error('Your session has ended. Sign in again.', { cause: error });
  }
  if (error.code === 'role-required') account.value = 'role-lost';
  if (error.code !== undefined) return error;
  return new Error('The service could not do it. Try again shortly.', { cause: error });
}

/** Whether the service answered that there is no such thing, or not to this user. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RefusedError && error.code === 'not-found';
}
