const ENTITY_TAG = /(?:W\/)?"([^"]*)"/g;

/** A strong entity tag as a header has it (RFC 9110, section 8.8.3). */
export function strong(tag: string): string {
  return `"${tag}"`;
}

/**
 * Whether `If-None-Match` has this entity tag (RFC 9110, section 13.1.2): proxies that compress an answer make its tag
 * weak, so weak ones count as well. `*` stands for any.
 */
export function matches(ifNoneMatch: string, tag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true;
  return Array.from(ifNoneMatch.matchAll(ENTITY_TAG)).some(([, known]) => known === tag);
}
