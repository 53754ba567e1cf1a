import { Controller, type ExecutionContext, Get, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestContext } from '../auth/request-context.js';
import { SsoGuard } from '../auth/sso.guard.js';
import type { User } from '../auth/user.js';
import { isStorageAway, PairingError } from '../errors/pairing-error.js';
import { QueryPipe } from '../http/body.pipe.js';
import { IssuanceInfo } from '../issuances/issuance.dto.js';
import { OwnerQuery } from '../issuances/issuances.query.js';
import { IssuancesService } from '../issuances/issuances.service.js';
import { ApiNeedsSso, ApiProblems, SSO_PROBLEMS } from '../openapi/decorators.js';
import { IssuanceFeeds } from './issuance-feeds.js';
import { beginEvents } from './server-sent-events.js';

const EXAMPLE = `retry: 3141
event: issuance
data: {"id":"uV3VwX0GqgbeHNhFbVQXhA","hint":"enic","owner":"mcurie","description":"Analysis of run 3","state":"issued","outcome":null,"creation_time":"2026-11-23T12:00:00.000Z","expiration_time":"2026-11-24T12:00:00.000Z","master_time":null,"ready_time":null,"failed_time":null,"first_fetch_time":null,"completed_time":null,"end_time":null,"fetches":0,"workers":{"expected":8,"joined":0,"ready":0,"failed":0},"second_masters":0,"master_changes":0}

event: synced
data: {"more":false}

`;

/** The live issuances of a user as a stream of events. */
@ApiTags('issuances')
@ApiNeedsSso()
@Controller('api/v1/issuances/events')
@UseGuards(SsoGuard)
export class IssuanceEventsController {
  constructor(
    private readonly feeds: IssuanceFeeds,
    private readonly issuances: IssuancesService,
    private readonly guard: SsoGuard,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'watchIssuances',
    summary: 'Watch the live clusters of a user',
    description:
      'Server-sent events: `issuance` (an IssuanceInfo) for each live issuance, oldest first, then `synced`; after that `issuance` for each new, changed or ended one, once a second at most for each. Follows the 1000 newest live issuances; `more` in `synced` says whether there are older ones. Neither PINs nor addresses are in the events. If the stream ends, connect again.',
  })
  @ApiExtraModels(IssuanceInfo)
  @ApiResponse({
    status: 200,
    description: 'Open until the client disconnects, or the user signs out or loses the role.',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  @ApiProblems(...SSO_PROBLEMS, 'invalid-query', 'too-many-requests', 'storage-unavailable')
  async watch(
    @Query(QueryPipe) query: OwnerQuery,
    @RequestContext() context: ExecutionContext,
    @Req() request: FastifyRequest & { user: User },
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { user } = request;
    const owner = query.ownerFor(user);
    this.issuances.assertMaySee(user, owner);
    const feed = await this.feeds.open(owner);
    this.feeds.assertMayOpen(user);
    const client = beginEvents(request, reply);
    if (!client) return;
    const mayStillWatch = async (): Promise<boolean> => {
      try {
        await this.guard.canActivate(context); // which sets the user of the request again
        this.issuances.assertMaySee(request.user, owner);
        return request.user.name === user.name;
      } catch (error) {
        if (!(error instanceof PairingError)) throw error;
        return isStorageAway(error); // it cannot be known now
      }
    };
    this.feeds.stream(feed, { user, client, mayStillWatch });
  }
}
