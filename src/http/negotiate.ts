import type { FastifyInstance } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';
import { isTextFirst, negotiate } from './format.js';
import { sendProblem } from './problem.js';

const NOT_ACCEPTABLE = new PairingError('not-acceptable');

/**
 * Agrees with each client on a format, and refuses what could not be answered before anything is changed.
 * A hook: a guard would cost each poll.
 */
export function negotiateFormats(fastify: FastifyInstance): void {
  fastify.decorateRequest('format', undefined);
  fastify.addHook('onRequest', (request, reply, done) => {
    const textFirst = isTextFirst(request);
    if (textFirst) reply.header('vary', 'Prefer, Accept');
    request.format = textFirst ? negotiate(request) : 'json';
    if (request.format) done();
    else sendProblem(request, reply, NOT_ACCEPTABLE);
  });
}
