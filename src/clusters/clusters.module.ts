import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ClusterSeals } from './cluster.seals.js';
import { ClusterStore } from './cluster.store.js';
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
      inject: [Settings, ClusterStore],
      useFactory: (secrets: Settings, store: ClusterStore) => new ClusterSeals(secrets, store),
    },
  ],
  exports: [ClusterSeals, ClustersService, LiveClusters],
})
export class ClustersModule {}
