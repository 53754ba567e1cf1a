import type { FastifyInstance } from 'fastify';
import { PairingError } from '../errors/pairing-error.js';
import { formatOf } from './format.js';
import { sendProblem } from './problem.js';

const NOT_ACCEPTABLE = new PairingError('not-acceptable');

/** Refuses what could not be answered before anything is changed. A hook: a guard would cost each poll. */
export function refuseUnacceptable(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (formatOf(request)) done();
    else sendProblem(request, reply, NOT_ACCEPTABLE);
  });
}
