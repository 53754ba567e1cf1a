/** A preference of RFC 7240, section 2: its name, and its value if it has one. */
const PREFERENCE =
  /(?:^|,)\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?(?:;(?:"(?:[^"\\]|\\.)*"|[^,"])*)?/g;

/**
 * The seconds that a client would wait for its answer (`Prefer: wait=N`, RFC 7240, section 4.3). Of
 * several only the first counts, and one that is no whole number of seconds counts as none.
 */
export function preferredWait(prefer: string | string[] | undefined): number | undefined {
  if (prefer === undefined) return undefined;
  for (const [, name, value = ''] of String(prefer).matchAll(PREFERENCE)) {
    if (name?.toLowerCase() !== 'wait') continue;
    const [, seconds] = /^"?(\d+)"?$/.exec(value) ?? [];
    return seconds === undefined ? undefined : Number(seconds);
  }
  return undefined;
}
