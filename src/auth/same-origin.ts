import type { FastifyRequest } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that another site's page asks for in the name of who is signed in here. Browsers say
 * where a request comes from (Fetch Metadata; older ones by `Origin`), and no page can lie about it.
 */
export function assertSameOrigin({ method, headers }: FastifyRequest, publicUrl: string): void {
  if (SAFE_METHODS.has(method)) return;
  const site = headers['sec-fetch-site'];
  const own =
    site === undefined ? headers.origin === new URL(publicUrl).origin : site === 'same-origin';
  if (!own) throw new PairingError('cross-site');
}
