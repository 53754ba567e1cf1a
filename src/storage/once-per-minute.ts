const SILENCE_MS = 60_000;

/** Passes on at most one message a minute, because a storage that fails causes a message for every request. */
export function oncePerMinute(log: (message: string) => void): (message: string) => void {
  let silent = false;
  return (message) => {
    if (silent) return;
    silent = true;
    setTimeout(() => (silent = false), SILENCE_MS).unref();
    log(message);
  };
}
