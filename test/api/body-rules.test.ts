import { describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { IsInt } from 'class-validator';
import * as fc from 'fast-check';
import { PairingError } from '../../src/errors/pairing-error.js';
import { BodyPipe } from '../../src/http/body.pipe.js';
import { NewCluster } from '../../src/issuances/issuance.dto.js';
import { KeyChange, KeyItem } from '../../src/keys/key.dto.js';
import { MemberChange } from '../../src/members/member.dto.js';
import { instanceByRules, OnlyRules, Satisfies } from '../../src/rules/rule.js';

// Classes without `@OnlyRules`, whose bodies are all validated by class-validator.
class ValidatedKeyItem extends KeyItem {}
class ValidatedKeyChange extends KeyChange {}
class ValidatedMemberChange extends MemberChange {}

const pipe = new BodyPipe();

/** What the client is told, or the fields that the controller is given. */
async function resultOf(dto: Type<object>, body: unknown): Promise<unknown> {
  try {
    const accepted = await pipe.transform(body, { type: 'body', metatype: dto });
    expect(accepted).toBeInstanceOf(dto);
    return { accepted: { ...(accepted as object) } };
  } catch (error) {
    if (!(error instanceof PairingError)) throw error;
    const { code, message, fields } = error;
    return { code, message, fields };
  }
}

const field = fc.constantFrom('key', 'value', 'address', 'state', 'detail', 'other', 'constructor');
const text = fc.oneof(
  fc.constantFrom('master_ip', 'key-1', '10.0.0.1', '2001:db8::1', 'ready', 'failed', 'a reason'),
  fc.constantFrom('', ' ', 'a b', 'a\nb', '\u202e', '\ud800', 'x'.repeat(100), 'x'.repeat(101)),
  fc.constantFrom('x'.repeat(1_000), '\u{1f600}'.repeat(1_000), 'x'.repeat(1_001)),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const value = fc.oneof({ weight: 4, arbitrary: text }, fc.jsonValue());
/** Mostly one of these, so that many bodies are valid. */
const mostly = (...valid: string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...valid) }, value);
const bodies = fc.oneof(
  fc.dictionary(field, value, { maxKeys: 4 }),
  fc.record(
    { key: mostly('master_ip', 'a'), value: mostly('10.0.0.1'), other: value },
    { requiredKeys: ['key', 'value'] },
  ),
  fc.record(
    {
      address: mostly('10.0.0.1', '2001:db8::1'),
      state: mostly('ready', 'failed'),
      detail: mostly('a reason', ''),
      other: value,
    },
    { requiredKeys: ['address', 'state'] },
  ),
  fc.jsonValue(),
);

describe('A body whose fields have only rules', () => {
  it.each([
    [KeyItem, ValidatedKeyItem],
    [KeyChange, ValidatedKeyChange],
    [MemberChange, ValidatedMemberChange],
  ])('is accepted or refused as class-validator does: %p', async (dto, validated) => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        expect(await resultOf(dto, body)).toEqual(await resultOf(validated, body));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    [KeyItem, { key: 'master_ip', value: '10.0.0.1' }],
    [KeyChange, { key: 'master_ip', value: '10.0.0.1' }],
    [MemberChange, { address: '10.0.0.1', state: 'ready', detail: 'a reason' }],
  ])('needs no class-validator when it is valid and complete: %p', (dto, body) => {
    expect(instanceByRules(dto, body)).toEqual(body);
  });

  it('needs class-validator when its DTO has more than rules', () => {
    expect(instanceByRules(NewCluster, { description: 'Analysis of run 3' })).toBeUndefined();
  });
});

it('A DTO with OnlyRules must have one rule for each field, and no other validator', () => {
  class WithValidator {
    @Satisfies(() => undefined)
    readonly key!: string;

    @IsInt()
    readonly count!: number;
  }
  class WithTwoRules {
    @Satisfies(() => 'Never valid.')
    @Satisfies(() => undefined)
    readonly key!: string;
  }
  class WithInheritedRule extends KeyItem {
    @Satisfies(() => undefined)
    readonly note!: string;
  }
  for (const dto of [WithValidator, WithTwoRules, WithInheritedRule]) {
    expect(() => OnlyRules()(dto)).toThrow('must have one rule for each field');
  }
});
