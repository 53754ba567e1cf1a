import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { timestamp } from '../clock/timestamp.js';
import { type MemberState, memberStates } from '../clusters/cluster.js';
import { MAX_HOST_NAME_LENGTH } from '../rules/host.js';
import { OnlyRules, Satisfies } from '../rules/rule.js';
import { LINE_PATTERN } from '../rules/text.js';
import {
  isBlank,
  MAX_DETAIL_LENGTH,
  type Member,
  type MemberStatus,
  problemOfAddress,
  problemOfDetail,
  problemOfState,
} from './member.js';

const addressProperty = {
  example: '10.10.25.7',
  description: 'IPv4 or IPv6, under which the other machines reach it.',
} as const;

const stateProperty = {
  enum: memberStates,
  enumName: 'MemberState',
  example: 'ready',
  description:
    '`waiting`: it waits for its master. `ready`: it works. `failed`: it will not work; `detail` may have the reason.',
} as const;

/** What a worker says of itself. */
@OnlyRules()
export class MemberChange {
  @ApiProperty(addressProperty)
  @Satisfies(problemOfAddress)
  readonly address!: string;

  @ApiProperty(stateProperty)
  @Satisfies(problemOfState)
  readonly state!: MemberState;

  @ApiProperty({
    type: 'string',
    required: false,
    nullable: true,
    maxLength: MAX_DETAIL_LENGTH,
    pattern: `${LINE_PATTERN.slice(0, -2)}*$`,
    example: 'condor_master is running',
    description: 'One line for people. A blank one counts as none.',
  })
  @ValidateIf(({ detail }: MemberChange) => detail !== undefined && detail !== null)
  @Satisfies(problemOfDetail)
  readonly detail?: string | null;

  toStatus(): MemberStatus {
    const { address, state, detail } = this;
    return { address, state, detail: isBlank(detail) ? undefined : (detail ?? undefined) };
  }
}

/** A member of a cluster. */
export class MemberItem {
  @ApiProperty({ maxLength: MAX_HOST_NAME_LENGTH, example: 'worker-1' })
  readonly name: string;

  @ApiProperty(addressProperty)
  readonly address: string;

  @ApiProperty(stateProperty)
  readonly state: MemberState;

  @ApiProperty({ type: 'string', nullable: true, example: 'condor_master is running' })
  readonly detail: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T12:01:00.000Z' })
  readonly joined_time: string;

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-23T12:02:00.000Z',
    description: 'When it last changed.',
  })
  readonly updated_time: string;

  constructor({ name, address, state, detail, joinedAt, updatedAt }: Member) {
    this.name = name;
    this.address = address;
    this.state = state;
    this.detail = detail ?? null;
    this.joined_time = timestamp(joinedAt);
    this.updated_time = timestamp(updatedAt);
  }
}
