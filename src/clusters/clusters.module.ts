import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ClusterSeals } from './cluster.seal.js';
import { ClustersController } from './clusters.controller.js';
import { LiveClusters } from './live-clusters.js';
import { ClustersService } from './clusters.service.js';

@Module({
  controllers: [ClustersController],
  providers: [
    ClustersService,
    LiveClusters,
    {
      provide: ClusterSeals,
      inject: [Settings],
      useFactory: (settings: Settings) => new ClusterSeals(settings.pinSecret),
    },
  ],
  exports: [ClusterSeals, ClustersService, LiveClusters],
})
export class ClustersModule {}
