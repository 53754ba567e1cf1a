import { Controller, Delete, Get, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ClientAddress } from '../http/client-address.js';
import { ApiAnswer, ApiProblems, BODY_PROBLEMS } from '../openapi/decorators.js';
import { ClusterInfo } from './cluster.dto.js';
import { ClustersService } from './clusters.service.js';
import { ApiPin, Pin } from './pin.param.js';

@ApiTags('clusters')
@Controller('api/v1/clusters')
export class ClustersController {
  constructor(private readonly clusters: ClustersService) {}

  @Get(':pin')
  @ApiOperation({
    operationId: 'getCluster',
    summary: 'See how far a cluster has come',
    description:
      'How far it has come, when its PIN expires, and signs that a wrong machine is its master.',
  })
  @ApiPin()
  @ApiAnswer(200, ClusterInfo)
  @ApiProblems('not-found', 'too-many-requests', 'storage-unavailable')
  async find(@Pin() pin: string): Promise<ClusterInfo> {
    return new ClusterInfo(pin, await this.clusters.find(pin));
  }

  @Delete(':pin')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'endCluster',
    summary: 'End a cluster',
    description: 'Removes the PIN and all keys at once. This cannot be undone.',
  })
  @ApiPin()
  @ApiAnswer(204)
  @ApiProblems(...BODY_PROBLEMS, 'not-found', 'too-many-requests', 'storage-unavailable')
  end(@Pin() pin: string, @ClientAddress() address: string): Promise<void> {
    return this.clusters.end(pin, address);
  }
}
