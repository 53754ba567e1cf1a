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

/** How the request of a client that asked to wait was treated. */
export interface Waited {
  /** The seconds granted. Undefined when it was not held. */
  readonly grantedSeconds?: number | undefined;
  /** The service stops: the client should ask another replica. */
  readonly isStopping?: boolean;
}

/** Tells a client how long it was held (RFC 7240, section 3), and whether it should connect to another replica. */
export function waitHeaders({ grantedSeconds, isStopping }: Waited): Record<string, string> {
  return {
    ...(grantedSeconds !== undefined && { 'preference-applied': `wait=${grantedSeconds}` }),
    ...(isStopping && { connection: 'close' }),
  };
}
