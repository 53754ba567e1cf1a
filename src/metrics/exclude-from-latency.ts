import type { ServerResponse } from 'node:http';

const excluded = new WeakSet<ServerResponse>();

/** Excludes an answer that is held on purpose: its time says nothing about the speed of the service. */
export function excludeFromLatency(response: ServerResponse): void {
  excluded.add(response);
}

export function isExcludedFromLatency(response: ServerResponse): boolean {
  return excluded.has(response);
}
