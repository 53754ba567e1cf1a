/**
 * A preference of RFC 7240, section 2: its name, and its value if it has one. A quote that is not closed reaches
 * to the end: without that, a header of many would be read to its end once for each.
 */
const PREFERENCE =
  /(?:^|,)\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*\\?(?:"|$)|[^\s;,"]*))?(?:;(?:"(?:[^"\\]|\\.)*\\?(?:"|$)|[^,"])*)?/g;

/**
 * The seconds that a client wants to wait for its answer (`Prefer: wait=N`, RFC 7240, section 4.3). Only the first of
 * several counts. Undefined when it is not a whole number of seconds.
 */
export function preferredWait(prefer: string | string[] | undefined): number | undefined {
  if (prefer === undefined) return undefined;
  for (const [, name, value = ''] of String(prefer).matchAll(PREFERENCE)) {
    if (name?.toLowerCase() !== 'wait') continue;
    const [, plain, quoted] = /^(?:(\d+)|"(\d+)")$/.exec(value) ?? [];
    const seconds = plain ?? quoted;
    return seconds === undefined ? undefined : Number(seconds);
  }
  return undefined;
}
