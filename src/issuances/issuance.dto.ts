import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { timestamp } from '../clock/timestamp.js';
import { Satisfies } from '../rules/rule.js';
import { LINE_PATTERN, problemOfText } from '../rules/text.js';
import {
  endedAt,
  type Issuance,
  type IssuanceOutcome,
  issuanceOutcomes,
  type IssuanceState,
  issuanceStates,
  outcomeOf,
  stateOf,
} from './issuance.js';
import { cursorOf } from './cursor.js';

const MAX_DESCRIPTION_LENGTH = 200;

/** The body of a request for a PIN. */
export class NewCluster {
  @ApiProperty({
    required: false,
    minLength: 1,
    maxLength: MAX_DESCRIPTION_LENGTH,
    pattern: LINE_PATTERN,
    example: 'Analysis of run 3',
    description: 'A note for yourself, shown in the list. One line.',
  })
  @ValidateIf(({ description }: NewCluster) => description !== undefined)
  @Satisfies((value) => problemOfText(value, MAX_DESCRIPTION_LENGTH))
  readonly description?: string;
}

const time = { type: 'string', format: 'date-time' } as const;
const timeOrNull = { type: 'string', format: 'date-time', nullable: true } as const;

/** The record of an issued PIN and of its cluster, without the PIN itself. */
export class IssuanceInfo {
  @ApiProperty({ example: 'uV3VwX0GqgbeHNhFbVQXhA' })
  readonly id: string;

  @ApiProperty({ example: 'enic', description: 'The first four characters of the PIN.' })
  readonly hint: string;

  @ApiProperty({ example: 'mcurie' })
  readonly owner: string;

  @ApiProperty({ type: 'string', nullable: true, example: 'Analysis of run 3' })
  readonly description: string | null;

  @ApiProperty({ enum: issuanceStates, example: 'ready' })
  readonly state: IssuanceState;

  @ApiProperty({
    enum: issuanceOutcomes,
    type: 'string',
    nullable: true,
    example: 'paired',
    description:
      'Null until it is known. `paired` as soon as a worker has fetched the address of the master; the others when the cluster has ended.',
  })
  readonly outcome: IssuanceOutcome | null;

  @ApiProperty({ ...time, example: '2026-11-23T12:00:00.000Z' })
  readonly creation_time: string;

  @ApiProperty({ ...time, example: '2026-11-24T12:00:00.000Z' })
  readonly expiration_time: string;

  @ApiProperty({
    ...timeOrNull,
    example: '2026-11-23T12:03:10.500Z',
    description: 'When the master registered.',
  })
  readonly master_time: string | null;

  @ApiProperty({
    ...timeOrNull,
    example: '2026-11-23T12:04:00.250Z',
    description: 'When the master was announced as ready.',
  })
  readonly ready_time: string | null;

  @ApiProperty({
    ...timeOrNull,
    example: '2026-11-23T12:04:01.125Z',
    description: 'When a worker first fetched the address of the master.',
  })
  readonly first_fetch_time: string | null;

  @ApiProperty({ ...timeOrNull, example: null, description: 'Null while the cluster lives.' })
  readonly end_time: string | null;

  @ApiProperty({
    type: 'integer',
    example: 3,
    description: "How often the master's address was fetched. Every worker does it once.",
  })
  readonly fetches: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description:
      'How often a machine other than the registered master tried to register. The service cannot know which of them is yours.',
  })
  readonly second_masters: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description:
      'How often the master was replaced or removed: `master_ip` was changed, removed or added again, or `master_ready` was removed.',
  })
  readonly master_changes: number;

  constructor(issuance: Issuance, now: number) {
    this.id = issuance.id;
    this.hint = issuance.hint;
    this.owner = issuance.owner;
    this.description = issuance.description;
    this.state = stateOf(issuance, now);
    this.outcome = outcomeOf(issuance, now) ?? null;
    this.creation_time = timestamp(issuance.createdAt);
    this.expiration_time = timestamp(issuance.expiresAt);
    this.master_time = timestampOrNull(issuance.masterAt);
    this.ready_time = timestampOrNull(issuance.readyAt);
    this.first_fetch_time = timestampOrNull(issuance.firstFetchedAt);
    this.end_time = timestampOrNull(endedAt(issuance, now));
    this.fetches = issuance.fetches;
    this.second_masters = issuance.secondMasters;
    this.master_changes = issuance.masterChanges;
  }
}

function timestampOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : timestamp(ms);
}

/** Issued PINs, newest first. */
export class IssuancePage {
  @ApiProperty({ type: [IssuanceInfo] })
  readonly issuances: IssuanceInfo[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: 'MTc5NTQzNTIwMDAwMC51VjNWd1gwR3FnYmVITmhGYlZRWGhB',
    description: 'Send it as `cursor` to get the next page. Null on the last page.',
  })
  readonly next_cursor: string | null;

  /** `found` has `limit` + 1 records if there is a next page. */
  constructor(found: readonly Issuance[], limit: number, now: number) {
    const page = found.slice(0, limit);
    this.issuances = page.map((issuance) => new IssuanceInfo(issuance, now));
    this.next_cursor = found.length > limit ? cursorOf(page.at(-1)!) : null;
  }
}
