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

/** What can be answered, text first. A client that accepts problems alone gets JSON. */
const mediaTypes = ['text/plain', 'application/json', 'application/problem+json'];
// `*/*` is what curl sends by itself.
const formats = new Map<string | undefined, Format>([
  ['text/plain', 'text'],
  ['application/json', 'json'],
  ['application/problem+json', 'json'],
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
  return formats.get(accept) ?? formats.get(preferred(withoutParameters(accept)));
}

function preferred(accept: string): string | undefined {
  return new Negotiator({ headers: { accept } }).mediaType(mediaTypes);
}

/** Takes off what a media type is qualified by, such as a charset: all is UTF-8 anyway. The weight (`q`) stays. */
function withoutParameters(accept: string): string {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';');
    const weight = parameters.find((parameter) => /^\s*q\s*=/i.test(parameter));
    return weight === undefined ? type : `${type};${weight}`;
  });
  return ranges.join(',');
}

/** Whether this is a route that speaks text first. */
export function isTextFirst(request: FastifyRequest): boolean {
  return request.routeOptions.config.textFirst === true;
}
