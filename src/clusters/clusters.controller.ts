import { Body, Controller, Delete, Get, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { SsoGuard } from '../auth/sso.guard.js';
import { ApiAnswer, ApiNeedsSso, ApiProblems, SSO_PROBLEMS } from '../openapi/decorators.js';
import { ClusterInfo, IssuedCluster, NewCluster } from './cluster.dto.js';
import { ClustersService } from './clusters.service.js';
import { ApiPin, Pin } from './pin.js';

@ApiTags('clusters')
@Controller('api/v1/clusters')
export class ClustersController {
  constructor(private readonly clusters: ClustersService) {}

  @Post()
  @UseGuards(SsoGuard)
  @ApiOperation({
    operationId: 'issuePin',
    summary: 'Issue a PIN',
    description:
      'A one-time PIN for one cluster. It expires 24 hours after its creation, used or not.',
  })
  @ApiNeedsSso()
  @ApiBody({ type: NewCluster, required: false })
  @ApiAnswer(201, IssuedCluster, {
    Location: { description: 'Where the cluster is.', schema: { type: 'string' } },
  })
  @ApiProblems(
    ...SSO_PROBLEMS,
    'bad-request',
    'invalid-body',
    'body-too-large',
    'unsupported-media-type',
    'storage-unavailable',
  )
  async issue(
    @Body() _nothing: NewCluster,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedCluster> {
    const { pin, createdAt } = await this.clusters.issue();
    reply.header('location', `/api/v1/clusters/${pin}`);
    return new IssuedCluster(pin, createdAt);
  }

  @Get(':pin')
  @ApiOperation({ operationId: 'getCluster', summary: 'See how far a cluster has come' })
  @ApiPin()
  @ApiAnswer(200, ClusterInfo)
  @ApiProblems('not-found', 'storage-unavailable')
  async find(@Pin() pin: string): Promise<ClusterInfo> {
    return new ClusterInfo(pin, await this.clusters.find(pin));
  }

  @Delete(':pin')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'endCluster',
    summary: 'End a cluster',
    description: 'The PIN and all keys are gone at once, and for good.',
  })
  @ApiPin()
  @ApiAnswer(204)
  @ApiProblems('not-found', 'storage-unavailable')
  end(@Pin() pin: string): Promise<void> {
    return this.clusters.end(pin);
  }
}
