import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { PairingError } from '../errors/pairing-error.js';
import { MAX_HOST_NAME_LENGTH } from '../rules/host.js';
import { problemOfName } from './member.js';

/** The name of the member in the path. Parsed without a pipe, which would cost a request several promises. */
export const MemberName = createParamDecorator((_: unknown, context: ExecutionContext) =>
  parseName(context.switchToHttp().getRequest<{ params: { name: string } }>().params.name),
);

/** Parses a name. Case does not matter in host names (RFC 1123, section 2.1; RFC 4343), so it becomes lower. */
export function parseName(text: string): string {
  const problem = problemOfName(text);
  if (problem === undefined) return text.toLowerCase();
  throw new PairingError('bad-request', {
    detail: 'The name of the member is not valid.',
    fields: { name: [problem] },
  });
}

/** Documents the name of the member in the path. */
export const ApiMemberName = () =>
  ApiParam({
    name: 'name',
    description: 'A host name (RFC 1123). Case does not matter.',
    schema: {
      type: 'string',
      pattern: '^[a-zA-Z0-9.-]+$',
      maxLength: MAX_HOST_NAME_LENGTH,
      example: 'worker-1',
    },
  });
