const SILENCE_MS = 60_000;

/** Passes on at most one message a minute: a storage that fails, fails every request. */
export function oncePerMinute(say: (message: string) => void): (message: string) => void {
  let silent = false;
  return (message) => {
    if (silent) return;
    silent = true;
    setTimeout(() => (silent = false), SILENCE_MS).unref();
    say(message);
  };
}
