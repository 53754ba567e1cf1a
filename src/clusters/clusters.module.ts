import { Module } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { ClusterSeals } from './cluster.seals.js';
import { ClusterSignals } from './cluster.signals.js';
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
      inject: [Settings, ClusterStore, Clock, ClusterSignals],
      useFactory: (...parts: ConstructorParameters<typeof ClusterSeals>) =>
        new ClusterSeals(...parts),
    },
  ],
  exports: [ClusterSeals, ClustersService, LiveClusters],
})
export class ClustersModule {}
