import type { ServerResponse } from 'node:http';

const untimed = new WeakSet<ServerResponse>();

/** For an answer that waits on purpose: how long it takes says nothing about how fast the service is. */
export function leaveUntimed(response: ServerResponse): void {
  untimed.add(response);
}

export function isUntimed(response: ServerResponse): boolean {
  return untimed.has(response);
}
