import { lookup } from 'node:dns/promises';
import { cannotListen } from '../errors/start-error.js';
import type { Settings } from './settings.js';

/** The error codes of a kernel without IPv6 for an IPv6 address. */
const WITHOUT_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/**
 * Listens on `HOST` and the port that `variable` sets. `::` means all interfaces with IPv6 and IPv4; if the kernel has
 * no IPv6, only IPv4 is used. A name means its first address: for `localhost`, Fastify would otherwise open a second
 * server by itself, without the limits of connections. Fails with a `StartError`.
 */
export async function listenOn(
  { host }: Pick<Settings, 'host'>,
  variable: 'PORT' | 'METRICS_PORT',
  port: number,
  listen: (host: string) => Promise<unknown>,
): Promise<void> {
  const refused = (error: NodeJS.ErrnoException) => {
    throw cannotListen(variable, host, port, error);
  };
  try {
    await listen((await lookup(host)).address);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (host === '::' && WITHOUT_IPV6.has(code)) await listen('0.0.0.0').catch(refused);
    else refused(error as NodeJS.ErrnoException);
  }
}
