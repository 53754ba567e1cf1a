import { ApiProperty } from '@nestjs/swagger';
import { timestamp } from '../clock/timestamp.js';
import type { MaintenanceStatus } from '../maintenance/maintenance.service.js';

const statuses = ['up', 'down'] as const;
type Status = (typeof statuses)[number];

/** Whether the process lives. */
export class Liveness {
  @ApiProperty({ enum: ['up'] })
  readonly status: Status = 'up';
}

/** How up to date the records are, after the last run that this replica knows of. */
class ExpiryHealth {
  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    example: '2026-11-23T12:00:00.000Z',
  })
  readonly last_success_time: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 0 })
  readonly lag_seconds: number | null;

  constructor(status?: MaintenanceStatus) {
    const { lastSuccessAt, lagMs } = status ?? {};
    this.last_success_time = lastSuccessAt === undefined ? null : timestamp(lastSuccessAt);
    this.lag_seconds = lagMs === undefined ? null : Math.round(lagMs / 1000);
  }
}

interface ReadinessParts {
  readonly status: Status;
  readonly storage: Status;
  readonly database: Status;
  readonly sso: Status;
  readonly expiry?: MaintenanceStatus | undefined;
  readonly warnings?: readonly string[];
}

export const STORAGE_AWAY =
  'The storage, or a part of it, does not answer: requests for its clusters are answered 503.';

/** Whether requests can be answered, and which parts are away. */
export class Readiness {
  @ApiProperty({
    enum: statuses,
    example: 'up',
    description: 'Whether requests should be sent to this replica, as the status code says too.',
  })
  readonly status: Status;

  @ApiProperty({
    enum: statuses,
    example: 'up',
    description:
      'The storage of clusters. While it or a part of it is down, requests for clusters are answered 503. A replica that has reached it once keeps `status` up, because other replicas would give the same answer. One that has never reached it is `down`, because its configuration may be wrong.',
  })
  readonly storage: Status;

  @ApiProperty({
    enum: statuses,
    example: 'up',
    description:
      'The database of issued PINs. While it is down, no PIN can be issued or listed. Virtual machines can still pair, so it does not affect `status`.',
  })
  readonly database: Status;

  @ApiProperty({
    enum: statuses,
    example: 'up',
    description:
      'The identity provider. While it is down, nobody can sign in. Virtual machines do not need it, so it does not affect `status`.',
  })
  readonly sso: Status;

  @ApiProperty({ type: ExpiryHealth })
  readonly expiry: ExpiryHealth;

  @ApiProperty({
    type: [String],
    example: [],
    description: 'Problems that the operator should fix, although the service works.',
  })
  readonly warnings: readonly string[];

  constructor({ status, storage, database, sso, expiry, warnings = [] }: ReadinessParts) {
    this.status = status;
    this.storage = storage;
    this.database = database;
    this.sso = sso;
    this.expiry = new ExpiryHealth(expiry);
    this.warnings = warnings;
  }

  get isUp(): boolean {
    return this.status === 'up';
  }
}
