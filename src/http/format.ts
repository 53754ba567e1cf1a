import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

/** Route configuration of the routes that speak text first: `…/keys/<key>`. */
export const TEXT_FIRST = { textFirst: true } as const;

export type Format = 'text' | 'json';

declare module 'fastify' {
  interface FastifyContextConfig {
    textFirst?: boolean;
  }
  interface FastifyRequest {
    /** What `formatOf` has found. */
    format: Format | undefined;
  }
}

const mediaTypes = ['text/plain', 'application/json'];
// `*/*` is what curl sends by itself.
const formats = new Map<string | undefined, Format>([
  ['text/plain', 'text'],
  ['application/json', 'json'],
  ['*/*', 'text'],
]);

/**
 * The format of the answer, error or not. JSON everywhere but on the routes of one key, where the
 * client chooses (RFC 9110, section 12.5.1) and text is the default; undefined when it accepts neither.
 */
export function formatOf(request: FastifyRequest): Format | undefined {
  return (request.format ??= isTextFirst(request) ? negotiate(request) : 'json');
}

/** What the client accepts where text comes first. */
export function negotiate(request: FastifyRequest): Format | undefined {
  const { accept = '*/*' } = request.headers;
  // Boot scripts ask for just one of these: not worth negotiating.
  return formats.get(accept) ?? formats.get(new Negotiator(request).mediaType(mediaTypes));
}

/** Whether this is a route that speaks text first. */
export function isTextFirst(request: FastifyRequest): boolean {
  return request.routeOptions.config.textFirst === true;
}
