import { Readable } from 'node:stream';
import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';

/** Bodies are flat. One more level is allowed here, so that the rules of the fields can report it. */
const MAX_DEPTH = 2;

/**
 * Adds parsers for JSON and forms; other types are refused with `unsupported-media-type`. An empty body counts as no
 * body, with any type. A field that is sent twice in a form becomes a list, which no rule accepts.
 */
export function addBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();

  // Under `optimizeEmptyRequests`, the stream of a request without a body has ended without an event. A parser waits for it.
  fastify.addHook('preParsing', (_request, _reply, body, done) => {
    done(null, 'readableEnded' in body && body.readableEnded ? Readable.from([]) : body);
  });

  // Fastify's own parser, which refuses `__proto__`.
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    if (text === '') return done(null, undefined);
    if (isNestedDeeper(text, MAX_DEPTH)) return done(jsonProblem('it is nested too deeply'));
    return parseJson(request, text, (error, value) => {
      if (error) done(jsonProblem(error.message));
      else done(null, value);
    });
  });

  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      const text = String(body);
      if (text === '') done(null, undefined);
      else if (/^\s*[{[]/.test(text)) done(JSON_AS_FORM);
      else done(null, { ...parseForm(text) });
    },
  );

  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else done(new PairingError('unsupported-media-type'));
  });
}

/** The error when curl is used with `-d` and without a content type. */
const JSON_AS_FORM = new PairingError('bad-request', {
  detail: "This is JSON sent as a form: add -H 'Content-Type: application/json'.",
});

function jsonProblem(reason: string): PairingError {
  return new PairingError('bad-request', { detail: `JSON parse error: ${reason}` });
}

/** Whether brackets in a JSON text nest deeper than `max`. The text need not be valid. */
function isNestedDeeper(json: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      if (++depth > max) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}
