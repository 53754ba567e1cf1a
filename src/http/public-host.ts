import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.js';

const MOVED = 'moved';
const logger = new Logger('PublicHost');
const warned = new Set<string>();
const MAX_WARNINGS = 10;

/**
 * Leads a browser that opened a page by another host name to `PUBLIC_URL`, where its cookies are. For pages
 * only: virtual machines do not follow redirects.
 *
 * A proxy that does not pass the host on makes every request look like one for another host. So a
 * browser is led once, and then served.
 * @returns whether it has answered
 */
export function redirectToPublicHost(
  request: FastifyRequest,
  reply: FastifyReply,
  { publicHost, publicUrl }: Settings,
): boolean {
  const { host, headers } = request;
  // It decides on nothing but this redirect, so it need not come from a trusted proxy.
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

/** Without the default port, which `PUBLIC_URL` may name or not. */
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
