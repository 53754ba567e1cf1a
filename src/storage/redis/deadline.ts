/** No answer came in time: the server hangs, or the network is interrupted. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Settles as `awaited` does, or fails with a `DeadlineError` after `ms` milliseconds. */
export function withDeadline<T>(ms: number, awaited: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // After the process was busy, timers run before waiting input is read. Let the input be read first.
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
