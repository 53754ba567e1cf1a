import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections, which might take one before it is used. */
const PORTS = { from: 10_000, to: 32_768 };
/** Jest's workers are processes: each has ports of its own, so that no two choose the same. */
const WORKERS = 8;
const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS;
const given = new Set<number>();

/** A free port of the loopback interface, which is not given a second time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (port % WORKERS !== worker || given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
