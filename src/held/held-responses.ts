import type { ServerResponse } from 'node:http';

const heldResponses = new WeakSet<ServerResponse>();

/** Marks an answer that waits on purpose: how long it takes says nothing about how fast the service is. */
export function markHeld(response: ServerResponse): void {
  heldResponses.add(response);
}

export function wasHeld(response: ServerResponse): boolean {
  return heldResponses.has(response);
}
