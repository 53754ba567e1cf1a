import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiAnswer } from '../openapi/decorators.js';
import { Liveness, Readiness, STORAGE_AWAY } from './health.dto.js';
import { HealthService } from './health.service.js';

/** For the probes of Kubernetes and for people. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @ApiOperation({
    operationId: 'live',
    summary: 'Is the process alive?',
    description: 'Does not depend on the storage: a restart would not bring that back.',
  })
  @ApiAnswer(200, Liveness)
  live(): Liveness {
    return this.health.live();
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'ready',
    summary: 'Can the service answer requests?',
    description: 'With the state of every part. `warnings` names what the operator should fix.',
  })
  @ApiAnswer(200, Readiness)
  @ApiResponse({
    status: 503,
    type: Readiness,
    description: 'Not yet: the storage has not been reached since the start.',
    example: new Readiness({
      status: 'down',
      storage: 'down',
      database: 'up',
      sso: 'up',
      warnings: [STORAGE_AWAY],
    }),
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.ready();
    if (!readiness.isUp) reply.code(503);
    return readiness;
  }
}
