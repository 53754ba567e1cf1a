import { Controller, Delete, Get, HttpCode, Put, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiPin, Pin } from '../clusters/pin.param.js';
import { WriteLimitGuard } from '../clusters/write-limit.guard.js';
import { PairingError } from '../errors/pairing-error.js';
import { ValidBody } from '../http/body.pipe.js';
import { ClientAddress } from '../http/client-address.js';
import { TEXT_FIRST } from '../http/format.js';
import { preferredWait, waitHeaders } from '../http/prefer.js';
import { sendProblem } from '../http/problem.js';
import {
  ApiAnswer,
  ApiJsonOrForm,
  ApiPrefer,
  ApiTextFirstProblems,
  ApiTextOrJson,
  BODY_PROBLEMS,
} from '../openapi/decorators.js';
import { MemberChange, MemberItem } from './member.dto.js';
import { ApiMemberName, MemberName } from './member-name.param.js';
import { MemberPollService } from './member-poll.service.js';
import { MembersService } from './members.service.js';
import { sendMember } from './send-member.js';

const NOT_FOUND = new PairingError('not-found');
const EXAMPLE_TEXT = '10.10.25.7 worker-1\n';

/** One member, as text or as JSON. */
@ApiTags('members')
@ApiPin()
@ApiMemberName()
@Controller('api/v1/clusters/:pin/members/:name')
export class MemberController {
  constructor(
    private readonly members: MembersService,
    private readonly polls: MemberPollService,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getMember',
    summary: 'Fetch a member',
    description:
      'The answer is text, a line of hosts(5), or JSON if `Accept` asks for it. With `Prefer: wait=N` it is held until the member has joined, or N seconds have passed.',
  })
  @ApiPrefer()
  @ApiTextOrJson(MemberItem, EXAMPLE_TEXT)
  @ApiTextFirstProblems(
    'bad-request',
    'not-found',
    'not-acceptable',
    'too-many-requests',
    'storage-unavailable',
  )
  @RouteConfig(TEXT_FIRST)
  async find(
    @Pin() pin: string,
    @MemberName() name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { member, ...waited } = await this.polls.one(pin, name, {
      preferredSeconds: preferredWait(request.headers.prefer),
      address: request.clientAddress,
      response: reply.raw,
    });
    reply.headers(waitHeaders(waited));
    if (member) sendMember(request, reply, member);
    else sendProblem(request, reply, NOT_FOUND);
  }

  @Put()
  @UseGuards(WriteLimitGuard)
  @ApiOperation({
    operationId: 'putMember',
    summary: 'Join a cluster, or change what is known of a member',
    description:
      'A worker does this for itself: 201 when it joins, 200 afterwards. It can be repeated: the same status again changes nothing. A name belongs to the client address that wrote it first, until the member is removed.',
  })
  @ApiJsonOrForm(MemberChange)
  @ApiTextOrJson(MemberItem, EXAMPLE_TEXT)
  @ApiTextOrJson(MemberItem, EXAMPLE_TEXT, { status: 201, description: 'It has joined.' })
  @ApiTextFirstProblems(
    'bad-request',
    'invalid-body',
    'not-found',
    'not-acceptable',
    'member-exists',
    'cluster-full',
    'body-too-large',
    'unsupported-media-type',
    'too-many-requests',
    'storage-unavailable',
  )
  @RouteConfig(TEXT_FIRST)
  async put(
    @Pin() pin: string,
    @MemberName() name: string,
    @ValidBody() change: MemberChange,
    @ClientAddress() address: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { member, joined } = await this.members.put(pin, name, change.toStatus(), address);
    if (joined) reply.code(201);
    sendMember(request, reply, member);
  }

  @Delete()
  @UseGuards(WriteLimitGuard)
  @ApiOperation({
    operationId: 'removeMember',
    summary: 'Remove a member',
    description:
      'Any client that knows the PIN may do this, because a machine may be gone without having said so. Another machine may join under the name then.',
  })
  @ApiAnswer(204)
  @ApiTextFirstProblems(
    ...BODY_PROBLEMS,
    'not-found',
    'not-acceptable',
    'too-many-requests',
    'storage-unavailable',
  )
  @HttpCode(204)
  @RouteConfig(TEXT_FIRST)
  remove(@Pin() pin: string, @MemberName() name: string): Promise<void> {
    return this.members.remove(pin, name);
  }
}
