import { Controller, Get, Post, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiPin, Pin } from '../clusters/pin.param.js';
import { ValidBody } from '../http/body.pipe.js';
import { ClientAddress } from '../http/client-address.js';
import { ApiAnswer, ApiJsonOrForm, ApiProblems } from '../openapi/decorators.js';
import { KeyItem } from './key.dto.js';
import { KeysService } from './keys.service.js';
import { WriteLimitGuard } from '../clusters/write-limit.guard.js';

/** All keys of a cluster. */
@ApiTags('keys')
@ApiPin()
@Controller('api/v1/clusters/:pin/keys')
export class KeyListController {
  constructor(private readonly keys: KeysService) {}

  @Get()
  @ApiOperation({
    operationId: 'listKeys',
    summary: 'List the keys in order of creation',
    description: 'All of them, with their values.',
  })
  @ApiAnswer(200, [KeyItem])
  @ApiProblems('not-found', 'too-many-requests', 'storage-unavailable')
  async list(@Pin() pin: string): Promise<KeyItem[]> {
    return (await this.keys.list(pin)).map((key) => KeyItem.of(key));
  }

  @Post()
  @UseGuards(WriteLimitGuard)
  @ApiOperation({
    operationId: 'addKey',
    summary: 'Add a key',
    description:
      'The first writer wins. If the same client address sends the same key and value again, the answer is 201 again, so a client whose answer was lost can retry.',
  })
  @ApiJsonOrForm(KeyItem)
  @ApiAnswer(201, KeyItem, {
    'Idempotent-Replayed': {
      description: '`true` if this key had already been added with this value by this client.',
      schema: { type: 'string', enum: ['true'] },
    },
  })
  @ApiProblems(
    'bad-request',
    'invalid-body',
    'not-found',
    'key-exists',
    'cluster-full',
    'body-too-large',
    'unsupported-media-type',
    'too-many-requests',
    'storage-unavailable',
  )
  async add(
    @Pin() pin: string,
    @ValidBody() item: KeyItem,
    @ClientAddress() address: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<KeyItem> {
    const { key: name, value } = item;
    const { key, replayed } = await this.keys.add(pin, { name, value }, address);
    if (replayed) reply.header('idempotent-replayed', 'true');
    return KeyItem.of(key);
  }
}
