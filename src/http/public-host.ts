import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.js';

const MOVED = 'moved';
const logger = new Logger('PublicHost');
const warned = new Set<string>();
const MAX_WARNINGS = 10;

/**
 * Redirects a browser that opened a page by another host name to `PUBLIC_URL`, where its cookies are. Only for pages:
 * virtual machines do not follow redirects.
 *
 * If a proxy does not pass on the host, every request seems to be for another host. So a browser is redirected only
 * once, and then served.
 * @returns whether it has answered
 */
export function redirectToPublicHost(
  request: FastifyRequest,
  reply: FastifyReply,
  { publicHost, publicUrl }: Settings,
): boolean {
  const { host, headers } = request;
  // Only this redirect depends on it, so the proxy need not be trusted.
  const hosts = [host, headers['x-forwarded-host']].flatMap((each) => each ?? []);
  if (publicHost === undefined || hosts.some((each) => hostOf(each) === publicHost)) return false;
  const url = new URL(request.url.replace(/^\/+/, '/'), publicUrl);
  if (url.searchParams.has(MOVED)) {
    warnOnce(host, publicHost);
    return false;
  }
  url.searchParams.set(MOVED, '');
  reply.header('cache-control', 'no-store').redirect(url.href, 303);
  return true;
}

/** The host without a default port. */
function hostOf(host: string): string {
  return host.toLowerCase().replace(/:(80|443)$/, '');
}

function warnOnce(host: string, publicHost: string): void {
  if (warned.has(host) || warned.size >= MAX_WARNINGS) return;
  warned.add(host);
  logger.warn(
    `Requests arrive for the host ${JSON.stringify(host)}, although PUBLIC_URL is at ${publicHost}: the proxy in front must pass on the header Host or X-Forwarded-Host.`,
  );
}
