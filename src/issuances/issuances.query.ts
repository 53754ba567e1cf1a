import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { User } from '../auth/user.js';
import { IsIntBetween } from '../rules/number.js';
import { type Rule, Satisfies } from '../rules/rule.js';
import { problemOfText } from '../rules/text.js';
import { readCursor } from './cursor.js';
import {
  type IssuanceOutcome,
  issuanceOutcomes,
  type IssuanceState,
  issuanceStates,
} from './issuance.js';
import type { IssuanceFilter } from './issuance.store.js';

const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 50;
const MAX_OWNER_LENGTH = 500;
const ALL_OWNERS = '*';

/**
 * RFC 3339, section 5.6, or its date alone, which is that day's midnight in UTC. The zone may lack its colon, as
 * ISO 8601 and `date +%z` have it, and its plus may have become a blank in the query.
 */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+ -]\d\d:?\d\d))?$/i;

/** Milliseconds since the epoch. NaN when there is no such time. */
function parseTime(text: string): number {
  return Date.parse(text.replace(' ', '+'));
}

const isTime: Rule = (value) =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(parseTime(value))
    ? undefined
    : 'Must be a time such as 2026-11-23T12:00:00Z, or a date.';

/** Whose PINs a query is about. */
export class OwnerQuery {
  @ApiProperty({
    required: false,
    description:
      'The owner of the PINs; by default yourself. Other users, and `*` for all users, need the admin role.',
  })
  @IsOptional()
  @Satisfies((value) => problemOfText(value, MAX_OWNER_LENGTH))
  readonly owner?: string;

  /** The owner that this query means for `user`. Undefined: all owners. */
  ownerFor(user: User): string | undefined {
    return this.owner === ALL_OWNERS ? undefined : (this.owner ?? user.name);
  }
}

/** The query of the list. */
export class IssuancesQuery extends OwnerQuery {
  @ApiProperty({ required: false, enum: issuanceStates })
  @IsOptional()
  @IsIn(issuanceStates, { message: `Must be one of ${issuanceStates.join(', ')}.` })
  readonly state?: IssuanceState;

  @ApiProperty({ required: false, enum: issuanceOutcomes })
  @IsOptional()
  @IsIn(issuanceOutcomes, { message: `Must be one of ${issuanceOutcomes.join(', ')}.` })
  readonly outcome?: IssuanceOutcome;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Issued at this time or later.',
  })
  @IsOptional()
  @Satisfies(isTime)
  readonly since?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Issued before this time.',
  })
  @IsOptional()
  @Satisfies(isTime)
  readonly until?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE_SIZE,
    default: DEFAULT_PAGE_SIZE,
    description: 'The most PINs on a page.',
  })
  @IsOptional()
  @IsIntBetween(1, MAX_PAGE_SIZE, `Must be a number from 1 to ${MAX_PAGE_SIZE}.`)
  readonly limit?: number;

  @ApiProperty({ required: false, description: 'The `next_cursor` of the previous page.' })
  @IsOptional()
  @Satisfies((value) =>
    typeof value === 'string' && readCursor(value)
      ? undefined
      : 'Must be the next_cursor of another page.',
  )
  readonly cursor?: string;

  /** The filter that this query means for `user`. */
  filterFor(user: User): IssuanceFilter {
    return {
      owner: this.ownerFor(user),
      state: this.state,
      outcome: this.outcome,
      since: this.since === undefined ? undefined : parseTime(this.since),
      until: this.until === undefined ? undefined : parseTime(this.until),
      after: this.cursor === undefined ? undefined : readCursor(this.cursor),
    };
  }

  get pageSize(): number {
    return this.limit ?? DEFAULT_PAGE_SIZE;
  }
}
