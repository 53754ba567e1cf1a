import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiPin, Pin } from '../clusters/pin.param.js';
import { ApiProblems } from '../openapi/decorators.js';
import { ClusterSnapshot } from './cluster-event.js';
import { EventStreams } from './event-streams.js';
import { beginEvents } from './server-sent-events.js';

const EXAMPLE = `retry: 3141
event: state
data: {"state":"issued","expiration_time":"2026-11-24T12:00:00.000Z","master_address":null,"master_registered_time":null,"master_ready_time":null,"failed_time":null,"second_masters":0,"master_changes":0,"fetches":0,"workers":{"expected":8,"joined":0,"ready":0,"failed":0},"completed_time":null}

event: master_registered
data: {"address":"10.10.25.5","time":"2026-11-23T12:01:00.000Z"}

event: second_master
data: {"second_masters":1}

event: master_changed
data: {"master_changes":1}

event: master_ready
data: {"time":"2026-11-23T12:02:00.000Z"}

event: worker_fetched
data: {"fetches":3}

event: members
data: {"expected":8,"joined":8,"ready":8,"failed":0}

event: complete
data: {"time":"2026-11-23T12:04:30.500Z"}

event: ended
data: {"reason":"expired"}

`;

@ApiTags('clusters')
@Controller('api/v1/clusters/:pin/events')
export class EventsController {
  constructor(private readonly streams: EventStreams) {}

  @Get()
  @ApiOperation({
    operationId: 'watchCluster',
    summary: 'Watch a cluster form',
    description:
      'Server-sent events: the current state (`state`, a ClusterSnapshot), then each change. `ended` is the last event, with the reason `ended` or `expired`. If a stream ends without it, connect again.',
  })
  @ApiPin()
  @ApiExtraModels(ClusterSnapshot)
  @ApiResponse({
    status: 200,
    description: 'Open until the cluster ends or the client disconnects.',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  @ApiProblems('not-found', 'too-many-requests', 'storage-unavailable')
  async watch(
    @Pin() pin: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const cluster = await this.streams.read(pin);
    const client = beginEvents(request, reply);
    if (client) this.streams.stream(cluster, client);
  }
}
