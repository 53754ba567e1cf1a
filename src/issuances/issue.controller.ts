import { Controller, Post, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../auth/current-user.js';
import { SsoGuard } from '../auth/sso.guard.js';
import type { User } from '../auth/user.js';
import { IssuedCluster } from '../clusters/cluster.dto.js';
import { ValidBody } from '../http/body.pipe.js';
import { ClientAddress } from '../http/client-address.js';
import { IssueLimitGuard } from '../limits/issue-limit.guard.js';
import {
  ApiAnswer,
  ApiJsonOrForm,
  ApiNeedsSso,
  ApiProblems,
  SSO_PROBLEMS,
} from '../openapi/decorators.js';
import { NewCluster } from './issuance.dto.js';
import { IssuancesService } from './issuances.service.js';

/** Issues PINs. */
@ApiTags('clusters')
@Controller('api/v1/clusters')
export class IssueController {
  constructor(private readonly issuances: IssuancesService) {}

  @Post()
  @UseGuards(SsoGuard, IssueLimitGuard)
  @ApiOperation({
    operationId: 'issuePin',
    summary: 'Issue a PIN',
    description:
      'Issues a one-time PIN for one cluster. It expires after 24 hours, or sooner if you say so, used or not.',
  })
  @ApiNeedsSso()
  @ApiJsonOrForm(NewCluster, { required: false })
  @ApiAnswer(201, IssuedCluster, {
    Location: { description: 'The URL of the cluster.', schema: { type: 'string' } },
  })
  @ApiProblems(
    ...SSO_PROBLEMS,
    'bad-request',
    'invalid-body',
    'body-too-large',
    'unsupported-media-type',
    'too-many-pins',
    'too-many-requests',
    'storage-unavailable',
  )
  async issue(
    @ValidBody() { description, workers, ttl }: NewCluster,
    @CurrentUser() user: User,
    @ClientAddress() address: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedCluster> {
    const { pin, createdAt } = await this.issuances.issue({
      user,
      address,
      description,
      workers,
      ttl,
    });
    reply.header('location', `/api/v1/clusters/${pin}`);
    return new IssuedCluster(pin, createdAt);
  }
}
