import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { MASTER_IP } from '../clusters/cluster.js';
import { ApiSchemaKeywords } from '../openapi/decorators.js';
import { OnlyRules, Satisfies } from '../rules/rule.js';
import { LINE_PATTERN } from '../rules/text.js';
import {
  type KeyValue,
  MAX_NAME_LENGTH,
  MAX_VALUE_LENGTH,
  NAME_PATTERN,
  problemOfName,
  problemOfValue,
} from './key.js';
import { MASTER_ADDRESS_PATTERN } from './master-address.pattern.js';

const keyProperty = {
  pattern: NAME_PATTERN,
  maxLength: MAX_NAME_LENGTH,
  example: 'master_ip',
} as const;

const valueProperty = {
  minLength: 1,
  maxLength: MAX_VALUE_LENGTH,
  pattern: LINE_PATTERN,
  example: '10.10.25.5',
  description:
    'One line, not blank. Under `master_ip`: an IPv4 or IPv6 address or an RFC 1123 host name.',
} as const;

/** The value of `master_ip` must be an address. */
const addressRule = {
  if: { properties: { key: { const: MASTER_IP } }, required: ['key'] },
  // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
  then: { properties: { value: { pattern: MASTER_ADDRESS_PATTERN } } },
} as const;

/** A key with its value, in requests and answers. */
@ApiSchemaKeywords(addressRule)
@OnlyRules()
export class KeyItem {
  @ApiProperty(keyProperty)
  @Satisfies(problemOfName)
  readonly key!: string;

  @ApiProperty(valueProperty)
  @Satisfies(problemOfValue)
  readonly value!: string;

  static of({ name, value }: KeyValue): KeyItem {
    return { key: name, value };
  }
}

/** A change of a key. Another `key` renames it. */
@ApiSchemaKeywords(addressRule)
@OnlyRules()
export class KeyChange {
  @ApiProperty({ ...keyProperty, required: false })
  @ValidateIf(({ key }: KeyChange) => key !== undefined)
  @Satisfies(problemOfName)
  readonly key?: string;

  @ApiProperty({ ...valueProperty, required: false })
  @ValidateIf(({ value }: KeyChange) => value !== undefined)
  @Satisfies(problemOfValue)
  readonly value?: string;
}
