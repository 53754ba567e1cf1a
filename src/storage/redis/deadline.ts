/** No answer came in time: the server hangs, or the network is cut. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The same promise, but failing with a `DeadlineError` unless it settles in time. */
export function withDeadline<T>(ms: number, awaited: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // After this process was busy, timers run before input that has arrived: read that first.
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
