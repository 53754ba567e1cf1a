import { Controller, Delete, Get, HttpCode, Param, Query, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../auth/current-user.js';
import { SsoGuard } from '../auth/sso.guard.js';
import type { User } from '../auth/user.js';
import { Clock } from '../clock/clock.js';
import { PairingError } from '../errors/pairing-error.js';
import { QueryPipe } from '../http/body.pipe.js';
import { ClientAddress } from '../http/client-address.js';
import {
  ApiAnswer,
  ApiNeedsSso,
  ApiProblems,
  BODY_PROBLEMS,
  SSO_PROBLEMS,
} from '../openapi/decorators.js';
import { IssuanceInfo, IssuancePage } from './issuance.dto.js';
import { IssuancesQuery } from './issuances.query.js';
import { IssuancesService } from './issuances.service.js';

/** Issued PINs, for their owners and for admins. */
@ApiTags('issuances')
@ApiNeedsSso()
@Controller('api/v1/issuances')
@UseGuards(SsoGuard)
export class IssuancesController {
  constructor(
    private readonly issuances: IssuancesService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listIssuances',
    summary: 'List issued PINs, newest first',
    description:
      'Your own; with the admin role those of all users. The PINs themselves are not in the answer.',
  })
  @ApiAnswer(200, IssuancePage)
  @ApiProblems(...SSO_PROBLEMS, 'invalid-query', 'storage-unavailable')
  async list(
    @Query(QueryPipe) query: IssuancesQuery,
    @CurrentUser() user: User,
  ): Promise<IssuancePage> {
    const { pageSize } = query;
    const found = await this.issuances.list(user, query.filterFor(user), pageSize + 1);
    return new IssuancePage(found, pageSize, this.clock.now());
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getIssuance',
    summary: 'Show an issued PIN',
    description: 'The current state of its cluster, without the PIN. For its owner and for admins.',
  })
  @ApiParam({ name: 'id', example: 'uV3VwX0GqgbeHNhFbVQXhA' })
  @ApiAnswer(200, IssuanceInfo)
  @ApiProblems(...SSO_PROBLEMS, 'not-found', 'storage-unavailable')
  async find(
    @Param('id', { transform: parseId }) id: string,
    @CurrentUser() user: User,
  ): Promise<IssuanceInfo> {
    return new IssuanceInfo(await this.issuances.find(user, id), this.clock.now());
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeIssuance',
    summary: 'Revoke a PIN',
    description:
      'Ends the cluster at once, without its PIN. For its owner and for admins. Does nothing if it has ended already.',
  })
  @ApiParam({ name: 'id', example: 'uV3VwX0GqgbeHNhFbVQXhA' })
  @ApiAnswer(204)
  @ApiProblems(...SSO_PROBLEMS, ...BODY_PROBLEMS, 'not-found', 'storage-unavailable')
  revoke(
    @Param('id', { transform: parseId }) id: string,
    @CurrentUser() user: User,
    @ClientAddress() address: string,
  ): Promise<void> {
    return this.issuances.revoke(user, id, address);
  }
}

/** Parses the id in a path. Fails with `not-found` when it has another shape: databases do not accept every text. */
function parseId(text: string): string {
  if (/^[\w-]{22}$/.test(text)) return text;
  throw new PairingError('not-found');
}
