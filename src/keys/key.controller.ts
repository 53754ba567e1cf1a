import {
  applyDecorators,
  Controller,
  Delete,
  Get,
  HttpCode,
  Patch,
  Put,
  Req,
  Res,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parsePin } from '../clusters/pin.js';
import { ApiPin, Pin } from '../clusters/pin.param.js';
import type { ErrorCode } from '../errors/pairing-error.js';
import { sendAnswer } from '../http/answer.js';
import { ValidBody } from '../http/body.pipe.js';
import { formatOf, TEXT_FIRST } from '../http/format.js';
import { preferredWait } from '../http/prefer.js';
import {
  ApiAnswer,
  ApiJsonOrForm,
  ApiPrefer,
  ApiTextFirstProblems,
  ApiTextFirstProblemsWith,
  ApiTextOrJson,
  BODY_PROBLEMS,
} from '../openapi/decorators.js';
import { type Author, ChangedBy } from './author.js';
import { type KeyValue, parseName } from './key.js';
import { KeyChange, KeyItem } from './key.dto.js';
import { ApiKeyName, KeyName } from './key-name.param.js';
import { keyAnswer, pollAnswer } from './key-answer.js';
import { KeyPollService } from './key-poll.service.js';
import { KeysService } from './keys.service.js';
import { MasterLockGuard } from './master-lock.guard.js';
import { WriteLimitGuard } from '../clusters/write-limit.guard.js';

/** The further errors of a change under `LOCK_MASTER`, which checks who has signed in. */
const MASTER_LOCK_PROBLEMS = [
  'invalid-token',
  'cross-site',
  'role-required',
  'master-locked',
  'sso-unavailable',
] as const satisfies ErrorCode[];

const CLUSTER_STATE = {
  'Cluster-State': {
    description: '`failed` if the master has failed. `master_failed` has the reason.',
    schema: { type: 'string' as const, enum: ['failed'] },
  },
};

const EXAMPLE_TEXT = 'master_ip: 10.10.25.5';

/** What a route that changes a key checks and documents. */
const ChangesKey = (body: Type) =>
  applyDecorators(
    UseGuards(WriteLimitGuard, MasterLockGuard),
    ApiJsonOrForm(body),
    ApiTextOrJson(KeyItem, EXAMPLE_TEXT),
    ApiTextFirstProblems(
      'bad-request',
      'invalid-body',
      ...MASTER_LOCK_PROBLEMS,
      'not-found',
      'not-acceptable',
      'key-exists',
      'body-too-large',
      'unsupported-media-type',
      'too-many-requests',
      'storage-unavailable',
    ),
    RouteConfig(TEXT_FIRST),
  );

/** One key, as text or as JSON. */
@ApiTags('keys')
@ApiPin()
@ApiKeyName()
@Controller('api/v1/clusters/:pin/keys/:key')
export class KeyController {
  constructor(
    private readonly keys: KeysService,
    private readonly polls: KeyPollService,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getKey',
    summary: 'Fetch a key',
    description:
      'A worker does this at boot. The answer is text, or JSON if `Accept` asks for it. With `Prefer: wait=N` the answer is held until the key has been added, or N seconds have passed.\n\nWhen the master has failed (`master_failed` is there, and `master_ready` is not), a request for `master_ip` or `master_ready` that finds none is not held, and one that waits is answered at once. `Cluster-State` says so.',
  })
  @ApiPrefer()
  @ApiTextOrJson(KeyItem, EXAMPLE_TEXT)
  @ApiTextFirstProblemsWith(
    { 404: CLUSTER_STATE },
    'not-found',
    'not-acceptable',
    'too-many-requests',
    'storage-unavailable',
  )
  @RouteConfig(TEXT_FIRST)
  async find(
    // The parameters are not decorated: pipes would cost each poll several promises.
    @Req() request: FastifyRequest<{ Params: { pin: string; key: string } }>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { params, method, headers, clientAddress } = request;
    const answer = await this.polls.poll(
      parsePin(params.pin),
      parseName(params.key),
      { preferredSeconds: preferredWait(headers.prefer), isFetch: method === 'GET' },
      { address: clientAddress, response: reply.raw },
    );
    sendAnswer(reply, pollAnswer(answer, formatOf(request)));
  }

  @Put()
  @ApiOperation({
    operationId: 'replaceKey',
    summary: 'Replace a key; another `key` renames it',
    description: 'The key must exist, and keeps its place in the list.',
  })
  @ChangesKey(KeyItem)
  replace(
    @Pin() pin: string,
    @KeyName() name: string,
    @ValidBody() item: KeyItem,
    @ChangedBy() author: Author,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(pin, name, item, author, request, reply);
  }

  @Patch()
  @ApiOperation({
    operationId: 'changeKey',
    summary: 'Change the value, the name, or both',
    description:
      'A field that the body leaves out stays as it is. The key keeps its place in the list.',
  })
  @ChangesKey(KeyChange)
  async change(
    @Pin() pin: string,
    @KeyName() name: string,
    @ValidBody() change: KeyChange,
    @ChangedBy() author: Author,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const key = await this.keys.change(pin, name, toKeyValue(change), author);
    sendAnswer(reply, keyAnswer(key, formatOf(request)));
  }

  @Delete()
  @UseGuards(WriteLimitGuard, MasterLockGuard)
  @ApiOperation({
    operationId: 'removeKey',
    summary: 'Remove a key',
    description: 'A key of the same name can be added again.',
  })
  @ApiAnswer(204)
  @ApiTextFirstProblems(
    ...BODY_PROBLEMS,
    ...MASTER_LOCK_PROBLEMS,
    'not-found',
    'not-acceptable',
    'too-many-requests',
    'storage-unavailable',
  )
  @HttpCode(204)
  @RouteConfig(TEXT_FIRST)
  remove(@Pin() pin: string, @KeyName() name: string, @ChangedBy() author: Author): Promise<void> {
    return this.keys.remove(pin, name, author);
  }
}

/** The API calls the name of a key its `key`. */
function toKeyValue({ key, value }: KeyChange): Partial<KeyValue> {
  return { ...(key !== undefined && { name: key }), ...(value !== undefined && { value }) };
}
