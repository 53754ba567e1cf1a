import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';

/**
 * Reads JSON and forms; anything else is refused as `unsupported-media-type`. An empty body is none,
 * whatever its type. A field sent twice in a form becomes a list, which no rule accepts.
 */
export function addBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();

  // Fastify's own, which refuses `__proto__`, but for the empty body.
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    return parseJson(request, String(body), (error, value) => {
      if (error)
        done(new PairingError('bad-request', { detail: `JSON parse error: ${error.message}` }));
      else done(null, value);
    });
  });

  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body === '' ? undefined : { ...parseForm(String(body)) }),
  );
}
