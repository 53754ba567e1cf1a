import type { FastifyRequest } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that a page of another site requests with the session of this browser (CSRF). Browsers send the site
 * of the page in `Sec-Fetch-Site`, older ones in `Origin`. A page cannot forge either.
 * @throws PairingError `cross-site`
 */
export function assertSameOrigin({ method, headers }: FastifyRequest, publicUrl: string): void {
  if (SAFE_METHODS.has(method)) return;
  const site = headers['sec-fetch-site'];
  const own =
    site === undefined ? headers.origin === new URL(publicUrl).origin : site === 'same-origin';
  if (!own) throw new PairingError('cross-site');
}
