import { Module } from '@nestjs/common';
import { ClusterSeals } from './cluster.seals.js';
import { ClustersController } from './clusters.controller.js';
import { LiveClusters } from './live-clusters.js';
import { ClustersService } from './clusters.service.js';

@Module({
  controllers: [ClustersController],
  providers: [ClusterSeals, ClustersService, LiveClusters],
  exports: [ClusterSeals, ClustersService, LiveClusters],
})
export class ClustersModule {}
