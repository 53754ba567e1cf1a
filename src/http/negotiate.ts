import type { FastifyInstance } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';
import { formatOf, isTextFirst } from './format.js';
import { sendProblem } from './problem.js';

const NOT_ACCEPTABLE = new PairingError('not-acceptable');

/**
 * Agrees with each client on a format, and refuses what could not be answered before anything is changed.
 * A hook: a guard would cost each poll.
 */
export function negotiateFormats(fastify: FastifyInstance): void {
  fastify.decorateRequest('format', undefined);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isTextFirst(request)) reply.header('vary', 'Prefer, Accept');
    if (formatOf(request)) done();
    else sendProblem(request, reply, NOT_ACCEPTABLE);
  });
}
