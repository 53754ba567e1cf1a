import { Param } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { MAX_NAME_LENGTH, NAME_PATTERN, parseName } from './key.js';

/** The name of the key in the path. */
export const KeyName = () => Param('key', { transform: parseName });

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
