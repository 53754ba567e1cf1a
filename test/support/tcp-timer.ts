import { readFileSync } from 'node:fs';

/** The kinds of timers, by their code in /proc/net/tcp (proc_net_tcp.txt of Linux). */
const KINDS: Record<string, string> = { '01': 'retransmit', '02': 'keep-alive' };
/** USER_HZ, the unit of times in /proc, is 100 on every platform of Node. */
const TICK_MS = 10;

/** The timer that the kernel runs for a connection over IPv4, seen from the end with `localPort`, and when it is due. */
export function tcpTimer(
  localPort: number,
  remotePort: number,
): { timer: string | undefined; dueMs: number } {
  const port = (number: number) => `:${number.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  for (const row of rows) {
    const [, local = '', remote = '', , , timer = ''] = row.trim().split(/\s+/);
    if (!local.endsWith(port(localPort)) || !remote.endsWith(port(remotePort))) continue;
    const [kind = '', due = ''] = timer.split(':');
    return { timer: KINDS[kind], dueMs: Number.parseInt(due, 16) * TICK_MS };
  }
  throw new Error('There is no such connection.');
}
