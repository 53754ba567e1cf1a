import { Module } from '@nestjs/common';
import { PinResolver } from './pin.resolver.js';
import { ClustersController } from './clusters.controller.js';
import { LiveClusters } from './live-clusters.js';
import { ClustersService } from './clusters.service.js';

@Module({
  controllers: [ClustersController],
  providers: [PinResolver, ClustersService, LiveClusters],
  exports: [PinResolver, ClustersService, LiveClusters],
})
export class ClustersModule {}
