import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { MAX_MEMBERS, type MemberState, memberStates } from '../clusters/cluster.js';
import { Satisfies } from '../rules/rule.js';

/** Which members a client wants. */
export class MembersQuery {
  @ApiProperty({
    required: false,
    enum: memberStates,
    enumName: 'MemberState',
    description: 'Only members in this state.',
  })
  @IsOptional()
  @IsIn(memberStates, { message: `Must be one of ${memberStates.join(', ')}.` })
  readonly state?: MemberState;

  @ApiProperty({
    name: 'at_least',
    required: false,
    type: 'integer',
    minimum: 0,
    maximum: MAX_MEMBERS,
    description:
      'How many members there must be, in this state if `state` is given; fewer are 404 `too-few-members`.',
    example: 16,
  })
  @IsOptional()
  @Satisfies((value) =>
    typeof value === 'string' && /^\d{1,4}$/.test(value) && Number(value) <= MAX_MEMBERS
      ? undefined
      : `Must be a number from 0 to ${MAX_MEMBERS}.`,
  )
  readonly at_least?: string;
}
