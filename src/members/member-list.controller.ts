import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiPin, Pin } from '../clusters/pin.param.js';
import { PairingError } from '../errors/pairing-error.js';
import { QueryPipe } from '../http/body.pipe.js';
import { matches, strong } from '../http/etag.js';
import { formatOf, JSON_TYPE, TEXT, TEXT_FIRST } from '../http/format.js';
import { preferredWait, waitHeaders } from '../http/prefer.js';
import { sendProblem } from '../http/problem.js';
import { ApiPrefer, ApiTextFirstProblems, ApiTextOrJson } from '../openapi/decorators.js';
import { MemberItem } from './member.dto.js';
import type { MemberList } from './member-list.js';
import { MemberPollService } from './member-poll.service.js';
import { MembersQuery } from './members.query.js';
import { UnsentLists } from './unsent-lists.js';

/** Made only once, because each new error captures its stack. */
const TOO_FEW = new PairingError('too-few-members');

const ETAG = {
  ETag: {
    description: 'Of this list in this format, the same on every replica.',
    schema: { type: 'string' },
  },
} as const;

/** All members of a cluster. */
@ApiTags('members')
@ApiPin()
@Controller('api/v1/clusters/:pin/members')
export class MemberListController {
  constructor(
    private readonly polls: MemberPollService,
    private readonly unsent: UnsentLists,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listMembers',
    summary: 'List the members in order of joining',
    description:
      'As text, one line `address name` each: lines of hosts(5), whose first column is a host file of MPI. JSON if `Accept` asks for it.\n\nWith `at_least` the answer is 404 `too-few-members` (as text: empty) until there are enough members; with `Prefer: wait=N` it is held until then, for N seconds at most. With `If-None-Match` the answer is 304 while the list is the same; with `Prefer: wait=N` it is held until the list has changed.',
  })
  @ApiPin()
  @ApiPrefer()
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'The `ETag` of the list that the client has (RFC 9110, section 13.1.2).',
    schema: { type: 'string', example: '"Ql5bVn7fKq0yq2l0hU3j4w"' },
  })
  @ApiTextOrJson([MemberItem], '10.10.25.7 worker-1\n10.10.25.8 worker-2\n', { headers: ETAG })
  @ApiResponse({ status: 304, description: 'The client has this list.', headers: ETAG })
  @ApiTextFirstProblems(
    'invalid-query',
    'not-found',
    'too-few-members',
    'not-acceptable',
    'too-many-requests',
    'storage-unavailable',
  )
  @RouteConfig(TEXT_FIRST)
  async list(
    @Pin() pin: string,
    @Query(QueryPipe) { state, at_least: atLeast }: MembersQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { headers, clientAddress } = request;
    const format = formatOf(request)!;
    const ifNoneMatch = headers['if-none-match'];
    const answer = await this.polls.list(
      pin,
      {
        state,
        atLeast: Number(atLeast ?? 0),
        isKnown:
          ifNoneMatch === undefined
            ? undefined
            : (list: MemberList) => matches(ifNoneMatch, list.as(format, state).etag),
      },
      {
        preferredSeconds: preferredWait(headers.prefer),
        address: clientAddress,
        response: reply.raw,
      },
    );
    reply.headers(waitHeaders(answer));
    if (!answer.list) {
      sendProblem(request, reply, TOO_FEW);
      return;
    }
    const representation = answer.list.as(format, state);
    if (!answer.isKnown) this.unsent.add(answer.list.clusterId, representation, reply.raw);
    reply.header('etag', strong(representation.etag));
    if (answer.isKnown) reply.code(304).send();
    else reply.type(format === 'json' ? JSON_TYPE : TEXT).send(representation.body);
  }
}
