import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

/** Configuration of routes whose default format is text: those of one key, and of members. */
export const TEXT_FIRST = { textFirst: true } as const;

/** The headers of every answer of those routes. */
export const textFirstHeaders = { vary: 'Prefer, Accept' } as const;

export type Format = 'text' | 'json';

declare module 'fastify' {
  interface FastifyContextConfig {
    textFirst?: boolean;
  }
  interface FastifyRequest {
    /** The result of `formatOf`. */
    format: Format | undefined;
  }
}

/** The media types of answers on those routes. */
export const TEXT = 'text/plain; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';

/** The media types that can be negotiated, the default first. A client that accepts only problems gets JSON. */
const mediaTypes = ['text/plain', 'application/json', 'application/problem+json'];
// curl sends `*/*` by default.
const formats = new Map<string | undefined, Format>([
  ['text/plain', 'text'],
  ['application/json', 'json'],
  ['application/problem+json', 'json'],
  ['*/*', 'text'],
]);

/**
 * The format of the answer, also of an error. It is JSON, except on the routes of one key and of members, where the client chooses
 * (RFC 9110, section 12.5.1) and text is the default. Undefined when the client accepts neither.
 */
export function formatOf(request: FastifyRequest): Format | undefined {
  return (request.format ??= isTextFirst(request) ? negotiate(request) : 'json');
}

/** The format that the client accepts on a route whose default is text. */
export function negotiate(request: FastifyRequest): Format | undefined {
  const { accept = '*/*' } = request.headers;
  return formatOfUsual(accept) ?? formats.get(preferred(withoutParameters(accept)));
}

/** The format for an `Accept` that needs no negotiation. Boot scripts send nothing else. */
export function formatOfUsual(accept = '*/*'): Format | undefined {
  return formats.get(accept);
}

function preferred(accept: string): string | undefined {
  return new Negotiator({ headers: { accept } }).mediaType(mediaTypes);
}

/** Removes the parameters of media types, such as a charset, because all answers are UTF-8. Keeps the weight (`q`). */
function withoutParameters(accept: string): string {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';');
    const weight = parameters.find((parameter) => /^\s*q\s*=/i.test(parameter));
    return weight === undefined ? type : `${type};${weight}`;
  });
  return ranges.join(',');
}

/** Whether the default format of this route is text. */
export function isTextFirst(request: FastifyRequest): boolean {
  return request.routeOptions.config.textFirst === true;
}
