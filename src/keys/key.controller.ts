import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Patch,
  Put,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MASTER_IP, MASTER_READY } from '../clusters/cluster.js';
import { ApiPin, parsePin, Pin } from '../clusters/pin.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { HeldRequests } from '../held/held-requests.js';
import { ClientAddress } from '../http/client-address.js';
import { formatOf, TEXT_FIRST } from '../http/format.js';
import { preferredWait } from '../http/prefer.js';
import { sendProblem } from '../http/problem.js';
import {
  ApiAnswer,
  ApiJsonOrForm,
  ApiTextFirstProblems,
  ApiTextOrJson,
  BODY_PROBLEMS,
} from '../openapi/decorators.js';
import { ApiKeyName, type Key, KeyName, parseName } from './key.js';
import { KeyChange, KeyItem } from './key.dto.js';
import { KeyWaits } from './key-waits.js';
import { KeysService } from './keys.service.js';
import { WorkerMarks } from './worker-marks.js';
import { WriteLimitGuard } from './write-limit.guard.js';

/** What most polls are told: made once, because an error takes its stack along. */
const NOT_FOUND = new PairingError('not-found');

const EXAMPLE_TEXT = 'master_ip: 10.10.25.5';

/** One key, as text or as JSON. */
@ApiTags('keys')
@ApiPin()
@ApiKeyName()
@Controller('api/v1/clusters/:pin/keys/:key')
export class KeyController {
  constructor(
    private readonly keys: KeysService,
    private readonly waits: KeyWaits,
    private readonly marks: WorkerMarks,
    private readonly held: HeldRequests,
    private readonly settings: Settings,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getKey',
    summary: 'Fetch a key',
    description:
      'What a worker does at boot. Text by default, JSON if asked for by `Accept`. With `Prefer: wait=N` the answer is held until the key is there, or N seconds have passed.',
  })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description:
      'RFC 7240. A wait that is no whole number of seconds is ignored, too long a one cut short.',
    schema: { type: 'string', example: 'wait=25' },
  })
  @ApiKeyName() // said here, too, to stand before the header
  @ApiPin()
  @ApiTextOrJson(KeyItem, EXAMPLE_TEXT)
  @ApiTextFirstProblems('not-found', 'not-acceptable', 'too-many-requests', 'storage-unavailable')
  @RouteConfig(TEXT_FIRST)
  async find(
    // Read by hand: a decorated parameter goes through pipes, which cost each poll several promises.
    @Req() request: FastifyRequest<{ Params: { pin: string; key: string } }>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pin = parsePin(request.params.pin);
    const name = parseName(request.params.key);
    const { seal, key: found, expiresAt } = await this.keys.lookUp(pin, name);
    let key = found;
    if (!key && request.method === 'GET' && isOfMaster(name)) this.marks.askedInVain(seal.id);
    const preferred = preferredWait(request.headers.prefer);
    const { holdSeconds, maxWaitSeconds } = this.settings;
    let seconds: number | undefined = Math.min(preferred ?? holdSeconds, maxWaitSeconds);
    if (!key && seconds > 0) {
      const waited = await this.waits.wait({ seal, name, expiresAt }, seconds, {
        address: request.clientAddress,
        response: reply.raw,
      });
      key = waited?.key;
      seconds = waited?.seconds;
      if (this.held.isStopping) reply.header('connection', 'close');
    }
    if (preferred && seconds !== undefined) reply.header('preference-applied', `wait=${seconds}`);
    if (!key) {
      sendProblem(request, reply, NOT_FOUND);
      return;
    }
    if (name === MASTER_IP && request.method === 'GET') this.marks.fetched(seal.id);
    sendKey(request, reply, key);
  }

  @Put()
  @UseGuards(WriteLimitGuard)
  @ApiOperation({ operationId: 'replaceKey', summary: 'Replace a key; another `key` renames it' })
  @ApiJsonOrForm(KeyItem)
  @ApiTextOrJson(KeyItem, EXAMPLE_TEXT)
  @ApiTextFirstProblems(
    'bad-request',
    'invalid-body',
    'not-found',
    'not-acceptable',
    'key-exists',
    'body-too-large',
    'unsupported-media-type',
    'too-many-requests',
    'storage-unavailable',
  )
  @RouteConfig(TEXT_FIRST)
  async replace(
    @Pin() pin: string,
    @KeyName() name: string,
    @Body() item: KeyItem,
    @ClientAddress() address: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendKey(request, reply, await this.keys.change(pin, name, item, address));
  }

  @Patch()
  @UseGuards(WriteLimitGuard)
  @ApiOperation({ operationId: 'changeKey', summary: 'Change the value, the name, or both' })
  @ApiJsonOrForm(KeyChange)
  @ApiTextOrJson(KeyItem, EXAMPLE_TEXT)
  @ApiTextFirstProblems(
    'bad-request',
    'invalid-body',
    'not-found',
    'not-acceptable',
    'key-exists',
    'body-too-large',
    'unsupported-media-type',
    'too-many-requests',
    'storage-unavailable',
  )
  @RouteConfig(TEXT_FIRST)
  async change(
    @Pin() pin: string,
    @KeyName() name: string,
    @Body() change: KeyChange,
    @ClientAddress() address: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendKey(request, reply, await this.keys.change(pin, name, change, address));
  }

  @Delete()
  @UseGuards(WriteLimitGuard)
  @ApiOperation({ operationId: 'removeKey', summary: 'Remove a key' })
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
  remove(@Pin() pin: string, @KeyName() name: string): Promise<void> {
    return this.keys.remove(pin, name);
  }
}

function isOfMaster(name: string): boolean {
  return name === MASTER_IP || name === MASTER_READY;
}

/** `key: value` for boot scripts, JSON for who asks for it. */
function sendKey(request: FastifyRequest, reply: FastifyReply, { key, value }: Key): void {
  if (formatOf(request) === 'json')
    reply.type('application/json; charset=utf-8').send({ key, value });
  else reply.type('text/plain; charset=utf-8').send(`${key}: ${value}`);
}
