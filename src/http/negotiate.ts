import type { FastifyInstance } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';
import { isTextFirst, negotiate, textFirstHeaders } from './format.js';
import { sendProblem } from './problem.js';

const NOT_ACCEPTABLE = new PairingError('not-acceptable');

/**
 * Negotiates the format of each answer. Refuses a request that accepts no available format before it changes anything.
 * It is a hook and not a guard, because a guard would slow down each poll.
 */
export function negotiateFormats(fastify: FastifyInstance): void {
  fastify.decorateRequest('format', undefined);
  fastify.addHook('onRequest', (request, reply, done) => {
    const textFirst = isTextFirst(request);
    if (textFirst) reply.headers(textFirstHeaders);
    request.format = textFirst ? negotiate(request) : 'json';
    if (request.format) done();
    else sendProblem(request, reply, NOT_ACCEPTABLE);
  });
}
