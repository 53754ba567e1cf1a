import { STATUS_CODES } from 'node:http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  catalogue,
  type ErrorCode,
  type FieldErrors,
  type PairingError,
} from '../errors/pairing-error.js';
import { type Answer, sendAnswer } from './answer.js';
import { type Format, formatOf, TEXT } from './format.js';

/** The HTTP status of each error. */
export const statusOf: Record<ErrorCode, number> = {
  'bad-request': 400,
  'invalid-body': 400,
  'invalid-query': 400,
  'sign-in-required': 401,
  'invalid-token': 401,
  'sign-in-failed': 401,
  'sign-in-lost': 401,
  'sign-in-denied': 403,
  'cross-site': 403,
  'role-required': 403,
  'master-locked': 403,
  'not-found': 404,
  'too-few-members': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'request-timeout': 408,
  'key-exists': 409,
  'member-exists': 409,
  'cluster-full': 409,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'headers-too-large': 431,
  'too-many-pins': 429,
  'too-many-requests': 429,
  'internal-error': 500,
  'storage-unavailable': 503,
  'sso-unavailable': 503,
  'sso-misconfigured': 503,
};

/** An error body (RFC 9457), with a stable code and the invalid fields. */
export class Problem {
  @ApiProperty()
  readonly title: string;

  @ApiProperty({ type: 'integer' })
  readonly status: number;

  @ApiProperty({ enum: Object.keys(catalogue), enumName: 'ErrorCode' })
  readonly code: ErrorCode;

  @ApiProperty()
  readonly detail: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    description: 'The messages for each invalid field.',
  })
  readonly errors?: FieldErrors;

  constructor({ code, message, fields }: PairingError) {
    this.status = statusOf[code];
    this.title = STATUS_CODES[this.status] ?? 'Error';
    this.code = code;
    this.detail = message;
    if (fields) this.errors = fields;
  }
}

const RETRY_AFTER_SECONDS = 2;

/**
 * The answer to a request with an error: problem+json, or an empty text if the client asked for text, because boot
 * scripts test for an empty body.
 */
export function problemAnswer(error: PairingError, format: Format | undefined): Answer {
  const status = statusOf[error.code];
  const retryAfter = error.retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
  const isText = format === 'text';
  return {
    status,
    headers: {
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(status === 401 && { 'www-authenticate': challengeFor(error) }),
      'content-type': isText ? TEXT : 'application/problem+json; charset=utf-8',
    },
    body: isText ? '' : JSON.stringify(new Problem(error)),
  };
}

/** Answers with an error. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: PairingError,
): FastifyReply {
  return sendAnswer(reply, problemAnswer(error, formatOf(request)));
}

/** RFC 6750, section 3: the error is named only when a token was sent. */
function challengeFor(error: PairingError): string {
  const realm = 'Bearer realm="cluster-pairing"';
  return error.code === 'invalid-token'
    ? `${realm}, error="invalid_token", error_description="${error.message}"`
    : realm;
}
