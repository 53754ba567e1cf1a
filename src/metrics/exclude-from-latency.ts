const excluded = new WeakSet<object>();

/** Excludes an answer that is held on purpose: its time says nothing about the speed of the service. */
export function excludeFromLatency(response: object): void {
  excluded.add(response);
}

export function isExcludedFromLatency(response: object): boolean {
  return excluded.has(response);
}
