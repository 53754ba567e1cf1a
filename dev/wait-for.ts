import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Requests a URL until a server that was just started answers with success; undefined if it ends before. */
export async function waitFor(
  url: string,
  server: ChildProcess,
  pauseMs = 50,
): Promise<Response | undefined> {
  while (server.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return response;
    await delay(pauseMs);
  }
  return undefined;
}
