import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ClusterStore } from '../clusters/cluster.store.js';
import { ApiAnswer } from '../openapi/decorators.js';

const statuses = ['up', 'down'] as const;
type Status = (typeof statuses)[number];

/** Whether the process lives. */
class Liveness {
  @ApiProperty({ enum: ['up'] })
  readonly status: Status = 'up';
}

/** Whether requests can be served, and by which parts not. */
class Readiness {
  @ApiProperty({ enum: statuses, example: 'up' })
  readonly status: Status;

  @ApiProperty({ enum: statuses, example: 'up', description: 'Where the clusters live.' })
  readonly storage: Status;

  @ApiProperty({ type: [String], example: [], description: 'What works, but should be mended.' })
  readonly warnings: readonly string[];

  constructor(storage: Status, warnings: readonly string[] = []) {
    this.status = storage;
    this.storage = storage;
    this.warnings = warnings;
  }
}

/** For the probes of Kubernetes and for people. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly store: ClusterStore) {}

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
    try {
      return new Readiness('up', await this.store.check());
    } catch {
      reply.code(503);
      return new Readiness('down');
    }
  }
}
