/** Nothing came in time: whoever should have answered hangs, or the way there is cut. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The same promise, but failing with a `DeadlineError` unless it settles in time. */
export function withDeadline<T>(ms: number, awaited: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // After a busy spell of our own, timers come before what has arrived meanwhile: read that first.
    const expire = () => setImmediate(() => reject(new DeadlineError(`no answer in ${ms} ms`)));
    const timer = setTimeout(expire, ms);
    awaited.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
