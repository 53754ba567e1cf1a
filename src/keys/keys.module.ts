import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { KeyController } from './key.controller.js';
import { KeyWaits } from './key-waits.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';
import { RecentLookUps } from './recent-look-ups.js';
import { WriteLimit } from './write-limit.js';
import { WorkerMarks } from './worker-marks.js';

@Module({
  imports: [ClustersModule],
  controllers: [KeysController, KeyController],
  providers: [KeysService, KeyWaits, RecentLookUps, WorkerMarks, WriteLimit],
  exports: [KeysService],
})
export class KeysModule {}
