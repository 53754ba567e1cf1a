import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { timestamp } from '../clusters/cluster.dto.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import type { ExpiryStatus } from '../expiry/expiry.service.js';
import { ExpirySchedule } from '../expiry/expiry.schedule.js';
import { IssuanceStore } from '../issuances/issuance.store.js';
import { ApiAnswer } from '../openapi/decorators.js';

const statuses = ['up', 'down'] as const;
type Status = (typeof statuses)[number];

/** Whether the process lives. */
class Liveness {
  @ApiProperty({ enum: ['up'] })
  readonly status: Status = 'up';
}

/** How well the records are kept up to date; at the last run that this replica knows of. */
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

  constructor(status?: ExpiryStatus) {
    const { lastSuccessAt, lagMs } = status ?? {};
    this.last_success_time = lastSuccessAt === undefined ? null : timestamp(lastSuccessAt);
    this.lag_seconds = lagMs === undefined ? null : Math.round(lagMs / 1000);
  }
}

/** Whether requests can be served, and by which parts not. */
class Readiness {
  @ApiProperty({ enum: statuses, example: 'up' })
  readonly status: Status;

  @ApiProperty({ enum: statuses, example: 'up', description: 'Where the clusters live.' })
  readonly storage: Status;

  @ApiProperty({
    enum: statuses,
    example: 'up',
    description:
      'Where the record of PINs is kept. While it is down no PIN is issued or listed; virtual machines pair all the same, so it does not count for `status`.',
  })
  readonly database: Status;

  @ApiProperty({ type: ExpiryHealth })
  readonly expiry: ExpiryHealth;

  @ApiProperty({ type: [String], example: [], description: 'What works, but should be mended.' })
  readonly warnings: readonly string[];

  constructor(
    storage: Status,
    database: Status = 'up',
    expiry?: ExpiryStatus,
    warnings: readonly string[] = [],
  ) {
    this.status = storage;
    this.storage = storage;
    this.database = database;
    this.expiry = new ExpiryHealth(expiry);
    this.warnings = warnings;
  }
}

/** For the probes of Kubernetes and for people. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly store: ClusterStore,
    private readonly records: IssuanceStore,
    private readonly schedule: ExpirySchedule,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'live', summary: 'Does the process live?' })
  @ApiAnswer(200, Liveness)
  live(): Liveness {
    return new Liveness();
  }

  @Get('ready')
  @ApiOperation({ operationId: 'ready', summary: 'Can it serve requests?' })
  @ApiAnswer(200, Readiness)
  @ApiResponse({
    status: 503,
    type: Readiness,
    description: 'Not now.',
    example: new Readiness('down'),
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const database = this.records.isUp ? 'up' : 'down';
    const { status } = this.schedule;
    try {
      return new Readiness('up', database, status, await this.store.check());
    } catch {
      reply.code(503);
      return new Readiness('down', database, status);
    }
  }
}
