import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateIf } from 'class-validator';
import { timestamp, timestampOrNull } from '../clock/timestamp.js';
import { WorkersInfo } from '../clusters/cluster.dto.js';
import { MAX_MEMBERS } from '../clusters/cluster.js';
import { MAX_PIN_TTL_MS, MIN_PIN_TTL_MS, parseDuration } from '../config/duration.js';
import { IsIntBetween } from '../rules/number.js';
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
const MIN_TTL_SECONDS = MIN_PIN_TTL_MS / 1_000;
const MAX_TTL_SECONDS = MAX_PIN_TTL_MS / 1_000;

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

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: MAX_MEMBERS,
    example: 8,
    description: 'How many workers are expected.',
  })
  @ValidateIf(({ workers }: NewCluster) => workers !== undefined)
  @IsIntBetween(1, MAX_MEMBERS, `Must be a whole number from 1 to ${MAX_MEMBERS}.`)
  readonly workers?: number;

  /** In seconds. The service knows the maximum. */
  @ApiProperty({
    required: false,
    oneOf: [
      { type: 'integer', minimum: MIN_TTL_SECONDS, maximum: MAX_TTL_SECONDS },
      { type: 'string', pattern: '^\\d{1,5}[mh]?$' },
    ],
    example: '12h',
    description:
      'How long the PIN lives: seconds, or a duration such as `90m` or `12h`. From 10 minutes to the life of PINs at this service, which is the default.',
  })
  @ValidateIf(({ ttl }: NewCluster) => ttl !== undefined)
  @Transform(({ value }: { value: unknown }) => secondsIn(value))
  @IsIntBetween(
    MIN_TTL_SECONDS,
    MAX_TTL_SECONDS,
    `Must be ${MIN_TTL_SECONDS} to ${MAX_TTL_SECONDS} seconds, or a duration such as 90m or 12h.`,
  )
  readonly ttl?: number;
}

/** The seconds of a duration such as `12h`, or else the value itself. */
function secondsIn(value: unknown): unknown {
  const ms = typeof value === 'string' ? parseDuration(value) : Number.NaN;
  return Number.isNaN(ms) ? value : ms / 1_000;
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
      'Null until it is known. `paired` as soon as a worker has fetched the address of the master, and as many have come as are expected; `incomplete` when fewer had come by the end; the others when the cluster has ended.',
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
    example: null,
    description: 'When the master announced that it had failed. Null if it was ready later.',
  })
  readonly failed_time: string | null;

  @ApiProperty({
    ...timeOrNull,
    example: '2026-11-23T12:04:01.125Z',
    description: 'When a worker first fetched the address of the master.',
  })
  readonly first_fetch_time: string | null;

  @ApiProperty({
    ...timeOrNull,
    example: '2026-11-23T12:04:30.500Z',
    description: 'When as many workers were ready as are expected, for the first time.',
  })
  readonly completed_time: string | null;

  @ApiProperty({ ...timeOrNull, example: null, description: 'Null while the cluster lives.' })
  readonly end_time: string | null;

  @ApiProperty({
    type: 'integer',
    example: 3,
    description:
      "How often the master's address was fetched. Every worker does it once, also those of old images, which do not join.",
  })
  readonly fetches: number;

  @ApiProperty()
  readonly workers: WorkersInfo;

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
    this.failed_time = timestampOrNull(issuance.failedAt);
    this.first_fetch_time = timestampOrNull(issuance.firstFetchedAt);
    this.completed_time = timestampOrNull(issuance.completedAt);
    this.end_time = timestampOrNull(endedAt(issuance, now));
    this.fetches = issuance.fetches;
    this.workers = new WorkersInfo({
      expected: issuance.expectedWorkers ?? undefined,
      joined: issuance.joinedWorkers,
      ready: issuance.readyWorkers,
      failed: issuance.failedWorkers,
    });
    this.second_masters = issuance.secondMasters;
    this.master_changes = issuance.masterChanges;
  }
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
