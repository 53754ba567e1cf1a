import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { MAX_NAME_LENGTH, NAME_PATTERN, parseName } from './key.js';

/** The name of the key in the path. Parsed without a pipe, which would cost a request several promises. */
export const KeyName = createParamDecorator((_: unknown, context: ExecutionContext) =>
  parseName(context.switchToHttp().getRequest<{ params: { key: string } }>().params.key),
);

/** Documents the name of the key in the path. */
export const ApiKeyName = () =>
  ApiParam({
    name: 'key',
    schema: {
      type: 'string',
      pattern: NAME_PATTERN,
      maxLength: MAX_NAME_LENGTH,
      example: 'master_ip',
    },
  });
